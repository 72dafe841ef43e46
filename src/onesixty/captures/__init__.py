"""Captures of SMPP traffic, for a while and for somebody who asked."""
