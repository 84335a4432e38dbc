"""Webhooks: a client's events brought to its own addresses, signed, in order, until they are taken."""
