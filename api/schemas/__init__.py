"""The shapes of JSON in and out: never a table."""
