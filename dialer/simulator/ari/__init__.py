"""A simulated Asterisk: enough of ARI, over one port, to run campaigns against at full speed.

It imports nothing of ours but the clock and the population. Read ``world.py`` first: it is what
happens to channels; ``rest.py`` is what may be asked, ``wire.py`` how it is asked, ``server.py`` the
handle for tests and benches. Every timer is one ``loop.call_later``; there is no task per channel.
"""
