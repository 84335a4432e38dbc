"""Benchmarks: each is run by itself, with a baseline in the same run."""
