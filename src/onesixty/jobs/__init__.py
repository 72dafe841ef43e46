"""Bulk jobs on messages: cancel, requeue, reroute."""
