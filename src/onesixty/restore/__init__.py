"""Restores a database from a backup, and settles its messages."""
