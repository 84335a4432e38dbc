"""The command line. ``main.py`` lists the commands; ``installation.py`` opens what they work on.

``embedded`` starts the private PostgreSQL, Redis and Asterisk; ``demo`` is the whole road in one command.
"""
