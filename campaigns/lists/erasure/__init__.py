"""Erasure: one person's data go from everywhere."""
