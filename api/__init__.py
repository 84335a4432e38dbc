"""HTTP in; HTML and JSON out. Wiring only: what happens is decided in ``campaigns``.

Imports ``campaigns``, ``compliance`` and ``dialer``. Read ``main.py`` first, then ``deps.py``: what a
route is given. JSON lives in ``routes/`` with its shapes in ``schemas/``, HTML in ``pages/``.
"""
