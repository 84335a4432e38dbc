"""The rule book: rows of rule packs, read, checked and selected."""
