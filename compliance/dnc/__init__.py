"""Do-not-call lists: national files in, exact bitmaps on disk, look-ups in memory.

Imports ``dialer`` and ``compliance`` only; no database. Read ``bitmaps.py`` first, then ``building.py``
(a file becomes a version) and ``shelf.py`` (a process holds versions). ``freshness.py`` is pure.
"""
