"""How many calls to place now, pure: ``modes.calls_to_place(snapshot, policy)``.

``limits`` holds the trunk's token bucket, ``breaker`` the trunk's circuit breaker; both take the
instant as an argument.
"""
