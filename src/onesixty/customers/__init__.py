"""Customers who bind over SMPP: their credentials, their binds, and what goes to these."""
