"""Pauses, drains and probes by operators."""
