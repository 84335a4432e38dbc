"""Undo: an import is taken back."""
