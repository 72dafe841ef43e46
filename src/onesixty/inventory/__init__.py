"""The numbers that an account owns, and where what comes to them goes."""
