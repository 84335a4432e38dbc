"""The live wall in a web process: rows, their changes, and who is told."""
