"""The page on which a manager sets a campaign up: its fields, their words, what they would change."""
