"""HTML pages, rendered on the server; htmx swaps what the stream sends."""
