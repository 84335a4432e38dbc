"""Writing an import: rows flow through sorting, look-ups and rendering into the database."""
