"""Carriers and routes: their configuration, and what runs of it on this node."""
