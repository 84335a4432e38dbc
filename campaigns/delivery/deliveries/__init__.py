"""Deliveries: a campaign's results on their way to the client, by plan, once a period, with proof."""
