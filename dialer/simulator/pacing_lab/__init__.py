"""The pacing laboratory: campaigns in virtual time, run by the controllers that run real ones.

Read ``scenario.py`` first (what is simulated), then ``world.py`` (how). ``running.run`` is the way in.
Unlike its neighbours it imports the dialer's own ``pacing``: that is what it measures.
"""
