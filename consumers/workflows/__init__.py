"""Processes that people and events carry on: instances, their tasks, timers and messages."""
