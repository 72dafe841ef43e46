"""Reports over many messages, read from the database."""
