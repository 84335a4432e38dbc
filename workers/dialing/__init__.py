"""The dialing worker: one asyncio task, the campaign runner, owns one campaign's calls and agents.

Read ``runner.py`` (the loops), then ``floor.py`` (one event after another), then ``originator.py`` (how a
lead becomes a call). ``supervisor.py`` and ``lease.py`` decide which worker owns which campaign;
``reconcile.py`` brings memory and Asterisk together after a gap; ``writer.py`` stores.
"""
