"""The engine room: live calls, their state machines, pacing, Asterisk, and the foundation under everything.

Imports none of our other packages and knows no campaign table. Read ``call/machine.py`` first: it is
the life of a call. ``ari`` is the only place that knows Asterisk's words.
"""
