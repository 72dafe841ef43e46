"""A feature with one resource, as small as a feature can be: what the toolkit's tests drive."""
