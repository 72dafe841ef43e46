"""Billing: the price of a message, and the ledger that records it."""
