"""Recordings after the call: made small, sealed, kept for as long as they must be, listened to."""
