"""A CRM's two ways: contacts come in by the client's own keys, results go out by a cursor."""
