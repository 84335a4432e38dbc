"""Columns: what each one is for, and what its cells say."""
