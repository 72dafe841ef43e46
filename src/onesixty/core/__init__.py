"""Types shared by all parts of onesixty: the message, its statuses, errors, events, money, ids and contracts.

Nothing here does I/O, reads a clock or draws a random number.
"""
