"""What is read out of the database about many messages at once."""
