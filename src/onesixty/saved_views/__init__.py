"""Saved views: a list of the console with its filters, under a name, for one person or for the account."""
