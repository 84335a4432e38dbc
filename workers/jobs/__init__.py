"""Background jobs: twenty lines of wiring each. What they do lives in ``campaigns``."""
