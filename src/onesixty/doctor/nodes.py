"""The nodes of a database: each start of a node is a row of `leases`.

A node says of itself, at its start, its version, its addresses and its roles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

from onesixty.core.clock import Clock
from onesixty.http.paging import cut
from onesixty.store.contract import Store
from onesixty.store.leases import About

RUNNING: Final = "running"
#: Its lease ran out, and it has not been stopped: it is gone, or stands still.
GONE: Final = "gone"
STOPPED: Final = "stopped"

_LAST: Final = (1 << 63) - 1


class NodeRow(NamedTuple):
    """A node. Times are epoch ms; `left_ms` is how long its lease lasts."""

    id: int
    name: str
    about: About
    started_at: int
    left_ms: int
    ended_at: int | None

    @property
    def state(self) -> str:
        """`running`, `gone` or `stopped`."""
        if self.ended_at is not None:
            return STOPPED
        return RUNNING if self.left_ms > 0 else GONE


class Nodes:
    """Reads the nodes."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def page(self, limit: int, after: str | None) -> tuple[Sequence[NodeRow], str | None]:
        """A page of nodes, newest first, and the cursor of the next page."""
        below = int(after) if after else _LAST
        rows = await self._store.fetch("nodes_list", now=self._clock.now_ms(), below=below, count=limit + 1)
        return cut([_node(row) for row in rows], limit, lambda node: str(node.id))


def _node(row: Sequence[Any]) -> NodeRow:
    id_, name, about, started_at, left_ms, ended_at = row
    said = msgspec.json.decode(about, type=About) if about else About()
    return NodeRow(int(id_), str(name), said, int(started_at), int(left_ms), ended_at)
