"""The live wall: what a client's running campaigns and agents do now, and what is wrong with it."""
