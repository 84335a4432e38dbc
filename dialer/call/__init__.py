"""The life of one call, pure: ``machine.step(call, event) -> Step``.

No I/O, no clock, no randomness: events carry their instants, timers are commands out and events in.
Read ``machine.py``; ``states``, ``events`` and ``commands`` are its words, ``causes`` its table.
"""
