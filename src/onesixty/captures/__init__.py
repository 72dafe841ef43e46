"""Time-limited captures of SMPP traffic, on request."""
