"""The settings of Python's cyclic garbage collector in a server.

Objects created at start-up live until the end: the collector is off during start-up, and skips them later. Objects
of messages are freed by reference counts, nearly all at once, so young objects are collected rarely: under load,
the default settings spent an eighth of the core process in the collector.
"""

from __future__ import annotations

import gc

#: Allocations (less frees) between two looks at the young, and looks at the young between two at the older ones.
YOUNG = 50_000
OLDER = 20


def pause() -> None:
    """Turn the collector off. Call before long-lived modules and objects are created; call `settle` afterwards."""
    gc.disable()


def settle() -> None:
    """Turn the collector on. Call once, when all long-lived objects exist."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, OLDER, OLDER)
    gc.enable()
