"""How Python's cyclic garbage collector runs in a server.

What start-up makes lives until the end: the collector is off meanwhile, and does not look through it later. What
messages make is freed by reference counts, nearly all of it at once, so young objects are looked through rarely:
measured under load, the defaults spent an eighth of the core process in the collector.
"""

from __future__ import annotations

import gc

#: Allocations (less frees) between two looks at the young, and looks at the young between two at the older ones.
YOUNG = 50_000
OLDER = 20


def pause() -> None:
    """Call before what lives long is imported and made; until `settle` only reference counts free."""
    gc.disable()


def settle() -> None:
    """Call once, when everything that lives long has been made: from here on the collector works."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, OLDER, OLDER)
    gc.enable()
