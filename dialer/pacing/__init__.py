"""How many calls to place now, and which ringing ones to give up: ``predictive.Predictive``. Pure.

``facts`` says what it is told and answers, ``policy`` what a campaign wants. ``limits`` holds the
trunk's token bucket, ``breaker`` the trunk's circuit breaker; both take the instant as an argument.
"""
