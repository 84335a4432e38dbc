"""``outdial demo``: a dirty list goes in, a campaign runs on real telephony, results come out.

``command.py`` is the story; ``world.py`` starts the processes, ``agents.py`` are the people at the phones,
``balance.py`` checks the books, ``summary.py`` tells.
"""
