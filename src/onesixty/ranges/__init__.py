"""The table of number ranges: which network a number belongs to."""
