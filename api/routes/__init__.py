"""JSON routes under /api/v1, one file a noun, and the service routes of an operator."""
