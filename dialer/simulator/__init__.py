"""The outside world, simulated and seeded: people, a SIP carrier, telephones, an Asterisk.

Read ``population.py`` first: what each number does when it is called, pure. ``sip`` lets a real Asterisk
call these people; ``ari`` stands in for Asterisk itself, for tests and benches at full speed. May
import ``dialer.clock``, nothing of the dialer's own logic: a simulator that shared
the dialer's code would share its mistakes. For development and tests: no real call needs it.
"""
