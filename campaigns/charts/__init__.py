"""Charts: from values to shapes of SVG. Pure, without pages and without words of their own."""
