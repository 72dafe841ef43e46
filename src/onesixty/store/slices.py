"""Long lists, read in slices of an index.

Rules kept here:
- a read looks at one slice at most, so that a filter that few rows pass delays other statements no longer than that;
- a page ends after so many slices, perhaps with few rows or none. Its cursor goes on from there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from onesixty.store.contract import Row

#: How many rows one read looks at, and how many such reads a page takes.
SLICE: Final = 20_000
SLICES: Final = 5

#: Reads between two ids. The number is that of the rows after which a slice ends, or of the rows that are wanted.
Read = Callable[[str, str, int], Awaitable[list[Row]]]


async def page(
    first: str, below: str, limit: int, *, ends: Read, rows: Read, oldest_first: bool = False
) -> tuple[list[Row], str | None]:
    """The rows of a page with ids between `first` and `below`, and the cursor of the next page; None at the end.

    `ends` finds the id at which a slice ends; no row if the list ends before. `rows` reads what passes the filters,
    in the order of the list. The first column of both is the id.
    """
    found: list[Row] = []
    for _ in range(SLICES):
        end = end_of(await ends(first, below, SLICE))
        if oldest_first:
            part = first, end or below
            first = part[1]
        else:
            part = end or first, below
            below = part[0]
        found += await rows(*part, limit + 1 - len(found))
        if len(found) > limit or end is None:
            return cut(found, limit)
    return found, first if oldest_first else below


def cut(rows: list[Row], limit: int) -> tuple[list[Row], str | None]:
    """A page of at most `limit` rows, of one more that was read if there is one, and its cursor."""
    return rows[:limit], str(rows[limit - 1][0]) if len(rows) > limit else None


def end_of(rows: list[Row]) -> str | None:
    """The id at which a slice ends, of what was read of it; None if the list ends before."""
    return str(rows[0][0]) if rows else None
