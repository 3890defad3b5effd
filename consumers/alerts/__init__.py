"""Alerts: what was found, how it stands, and what people decided about it."""
