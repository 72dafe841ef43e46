"""Doors translate a protocol into orders for intake, and the results back. They contain no business rules."""
