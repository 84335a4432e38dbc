"""Who owns and who sees: clients, users, tokens, the audit log."""
