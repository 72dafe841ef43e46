"""Routing: the carriers that may take a message, first choice first."""
