"""What to dial and what became of it: tables, transactions, the campaign's life.

Imports ``compliance`` and ``dialer``. Follow one contact: ``lists/importing.py`` -> ``leads/enrol.py``
-> ``leads/hopper.py`` -> ``leads/originate.py`` -> ``leads/results.py`` -> ``delivery/export.py``.
"""
