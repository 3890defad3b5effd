"""Automation: rules as data, applied to every event that is told after they were adopted."""
