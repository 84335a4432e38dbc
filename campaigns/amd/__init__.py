"""Answering machines: settings, stored verdicts, their audit, and what is made of it."""
