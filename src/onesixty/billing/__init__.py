"""Billing: what a message costs its sender, and the ledger that says so."""
