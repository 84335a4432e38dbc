"""Reports: each figure with its formula, from the tables alone."""
