"""Places: where a called number or person may be, and what kind of number it is."""
