"""Database refresh: the client's own file with corrected values, and what changed in it."""
