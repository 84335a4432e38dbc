"""Charts of the reports: figures become drawings with words, links and a table."""
