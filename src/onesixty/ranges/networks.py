"""The network of a number, by ranges that an operator imports: prefix of the number -> MCC and MNC.

Rules kept here:
- the longest prefix decides; a number in no range has no network, and filters on networks do not match it;
- a range says where a number was assigned. Numbers can be ported to other networks; only a query to the network is
  exact;
- the table is held in memory. It is read again after a change on this node; other nodes read it with every renewal
  of their lease.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from typing import Final

from onesixty.core.errors import Problem
from onesixty.store.contract import Store
from onesixty.store.units import StoreError, Unit, Write

#: Rows written per transaction.
PAGE: Final = 1000


class Networks:
    """The table of ranges. `of` is called for every message."""

    def __init__(self, store: Store) -> None:
        self._store = store
        #: The state of the table that was read: the table is large, and checked at every renewal of the lease.
        self._revision: str | None = None
        self._by_prefix: dict[str, str] = {}
        self._in_order: list[str] = []
        #: The lengths of the prefixes in the table, longest first.
        self._lengths: tuple[int, ...] = ()

    async def load(self) -> None:
        """Read the table if it has changed."""
        rows = await self._store.fetch("number_ranges_revision")
        revision = str(rows[0][0]) if rows else ""
        if revision != self._revision:
            self._take_over(dict(await self._store.fetch("number_ranges_all")))
            self._revision = revision

    def of(self, number: str) -> str | None:
        """The network (MCC and MNC, in digits) of a number in E.164; None if unknown."""
        for length in self._lengths:
            network = self._by_prefix.get(number[1 : length + 1])
            if network is not None:
                return network
        return None

    def list(self, after: str, count: int, begins: str = "") -> Sequence[tuple[str, str]]:
        """A page of ranges after this prefix whose prefixes begin so, in the order of their prefixes."""
        start = max(bisect.bisect_right(self._in_order, after), bisect.bisect_left(self._in_order, begins))
        page = self._in_order[start : start + count]
        return [(prefix, self._by_prefix[prefix]) for prefix in page if prefix.startswith(begins)]

    async def put(self, ranges: Mapping[str, str], *, replace: bool, also: Sequence[Write] = ()) -> int:
        """Add or replace ranges; with `replace`, delete all others. `also` is written with the first of them. Returns
        the number of ranges.

        Raises Problem `unavailable`; ranges written so far are kept, and the call can be repeated.
        """
        writes: list[Write] = [*also, *(("number_range_put", item) for item in ranges.items())]
        if replace:
            gone = sorted(self._by_prefix.keys() - ranges.keys())
            writes += [("number_range_delete", (prefix,)) for prefix in gone]
        for start in range(0, len(writes), PAGE):
            changed = ("number_ranges_changed", ("number_ranges",))
            unit = Unit(keys=("number ranges",), writes=(*writes[start : start + PAGE], changed))
            (result,) = await self._store.commit([unit])
            if isinstance(result, StoreError):
                raise Problem("unavailable", retry_after=1)
        self._revision = None
        await self.load()
        return len(self._by_prefix)

    def _take_over(self, by_prefix: dict[str, str]) -> None:
        self._by_prefix = by_prefix
        self._in_order = sorted(by_prefix)
        self._lengths = tuple(sorted({len(prefix) for prefix in by_prefix}, reverse=True))
