"""A backup in the place of a database, and the step after it."""
