"""Leads: enrolled, claimed, dialled, recycled, closed."""
