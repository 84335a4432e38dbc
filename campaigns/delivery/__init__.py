"""Delivery: results leave the house as files for the client; ``deliveries`` takes them there by plan."""
