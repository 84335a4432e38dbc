"""May this number be dialled now? ``gate.clear`` is the only maker of a ``Clearance``.

Imports ``dialer`` only. Read ``gate.py`` first; ``windows.py`` and ``gate.py`` are pure.
"""
