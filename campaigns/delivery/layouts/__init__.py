"""Layouts: which columns a campaign's files have, frozen and versioned."""
