"""Campaign set-up for a manager: presets, what each setting would change, checks, history, a file."""
