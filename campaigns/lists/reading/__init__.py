"""Reading a client's file: whatever came becomes a stream of rows."""
