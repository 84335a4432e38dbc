"""The embedded services: a private PostgreSQL, Redis and Asterisk, for development and the demo.

Read ``services.py`` first: the one door to all three. ``postgres.py`` and ``redis.py`` run the programs
of wheels, ``asterisk_install.py`` makes a root folder with Debian's Asterisk, ``asterisk.py`` runs it
with the files that ``asterisk_config.py`` writes; ``process.py`` finds a process again that outlived
the command which started it. Imports none of our other packages: ``asterisk_container.py`` runs in the
Asterisk image, where there is nothing but Jinja2.
"""
