"""Agents: who they are, their shifts, and the log of their states."""
