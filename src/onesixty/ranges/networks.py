"""Which network a number belongs to, by ranges that an operator imports: prefix of the number -> MCC and MNC.

Rules kept here:
- the longest prefix decides; a number in no range has no network, and filters on networks do not match it;
- a range says where a number was given out. Numbers move (portability): for what has to be right, ask the network;
- the table is in memory, read again when it changed here, and with every renewal of the lease elsewhere.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from typing import Final

from onesixty.core.errors import Problem
from onesixty.store.contract import Store
from onesixty.store.units import StoreError, Unit, Write

#: Rows written in one transaction.
PAGE: Final = 1000


class Networks:
    """The table of ranges. `of` is asked for every message."""

    def __init__(self, store: Store) -> None:
        self._store = store
        #: Which state of the table was read: it is large, and asked about at every renewal.
        self._revision: str | None = None
        self._by_prefix: dict[str, str] = {}
        self._in_order: list[str] = []
        #: Lengths of prefixes that there are, longest first.
        self._lengths: tuple[int, ...] = ()

    async def load(self) -> None:
        """Read the table, unless it is as it was."""
        rows = await self._store.fetch("number_ranges_revision")
        revision = str(rows[0][0]) if rows else ""
        if revision != self._revision:
            self._take_over(dict(await self._store.fetch("number_ranges_all")))
            self._revision = revision

    def of(self, number: str) -> str | None:
        """The network (MCC and MNC, in digits) of a number in E.164, None where it is not known."""
        for length in self._lengths:
            network = self._by_prefix.get(number[1 : length + 1])
            if network is not None:
                return network
        return None

    def list(self, after: str, count: int) -> Sequence[tuple[str, str]]:
        """So many ranges behind this prefix, in the order of their prefixes."""
        start = bisect.bisect_right(self._in_order, after)
        return [(prefix, self._by_prefix[prefix]) for prefix in self._in_order[start : start + count]]

    async def put(self, ranges: Mapping[str, str], *, replace: bool) -> int:
        """Add or change ranges; with `replace`, what is not among them goes. How many there are then.

        Raises Problem `unavailable`; what was written until then stays, and the same call can be made again.
        """
        writes: list[Write] = [("number_range_put", item) for item in ranges.items()]
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
