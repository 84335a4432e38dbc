"""Pages of registers: one list, one form and one undo for all of them."""
