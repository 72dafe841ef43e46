"""Routing: which carriers may take a message, first choice first."""
