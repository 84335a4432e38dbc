"""A simulated SIP world on loopback: a carrier with a population behind it, and agents' phones.

It speaks to Asterisk (or to itself, see ``caller``) over UDP with PCMU audio. Read ``carrier`` and
``phone`` first; ``call`` is one call's signalling, ``media`` its sound. May import ``dialer.clock``
and ``dialer.simulator.population``, nothing of the dialer's own logic: it is the outside world.
"""
