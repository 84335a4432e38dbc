"""Contact lists: the file that came, the contacts it gave, and every row it could not give."""
