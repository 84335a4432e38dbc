"""Counting calls: caps of the law and of the campaign over one history."""
