"""Writers: rows become files, a piece at a time."""
