"""SMPP customers: their credentials, their binds, and the deliveries to these."""
