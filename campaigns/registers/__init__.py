"""Registers: what an office keeps in lists (trunks, numbers, days off, sets), found, changed, taken back."""
