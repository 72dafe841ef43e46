"""Carriers and routes, as they are configured and as they run on this node."""
