"""A scenario played faster than real time."""
