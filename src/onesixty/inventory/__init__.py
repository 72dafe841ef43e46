"""The numbers of accounts, and where their incoming messages are delivered."""
