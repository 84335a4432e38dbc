"""What a supervisor does with live work: listen, send a message, move an agent, change pace, pause a list."""
