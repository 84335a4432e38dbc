"""Processes without HTTP: ``dialing`` owns the live calls, ``jobs`` do the background work.

Wiring only: what a campaign is lives in ``campaigns``, what a call is in ``dialer``.
"""
