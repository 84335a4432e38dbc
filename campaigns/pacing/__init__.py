"""Pacing of a campaign: what the law and the settings ask of it, what it learned, and why it dialled."""
