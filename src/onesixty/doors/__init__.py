"""Doors translate a protocol into orders for intake, and what became of them back. They hold no rule."""
