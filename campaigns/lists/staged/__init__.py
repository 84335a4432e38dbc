"""Staged imports: uploaded, looked at, rehearsed, committed."""
