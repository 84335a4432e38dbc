"""Delivery: results leave the house as files the client can use."""
