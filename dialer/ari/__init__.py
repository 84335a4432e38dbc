"""Asterisk: the only place that knows its words.

``connection`` speaks REST and events over one websocket, ``messages`` are its types, ``translate`` turns
events into what happened to a leg, ``gateway`` turns wishes into requests, ``files`` downloads by HTTP.
"""
