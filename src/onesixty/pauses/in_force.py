"""The pauses, drains and suspended accounts in force on this node: loaded from the rows at start, after each change
made here, and with every renewal of the lease.
"""

from __future__ import annotations

from collections.abc import Iterable

from onesixty.accounts.tree import Tree
from onesixty.core.contracts import Carrier, Pausable
from onesixty.dispatch.dispatcher import Dispatcher
from onesixty.pauses import pauses as p
from onesixty.pauses.pauses import Pause, Pauses
from onesixty.routing.router import Drained, Router


class PausesInForce:
    """`rows` are the pauses. Accounts that are suspended or closed count as paused."""

    def __init__(self, pauses: Pauses, router: Router, dispatcher: Dispatcher, tree: Tree) -> None:
        self._pauses = pauses
        self._tree = tree
        self._stopped: frozenset[str] = frozenset()
        self.rows: list[Pause] = []
        self._router = router
        self._dispatcher = dispatcher
        self._first = True
        tree.on_stopped(self._stopped_changed)

    def mode(self, carrier_id: str) -> str | None:
        """`pause` or `drain` for a carrier that is paused or drained."""
        return next((row.mode for row in self.rows if (row.kind, row.value) == (p.CARRIER, carrier_id)), None)

    async def take_over(self) -> None:
        """Apply the current rows. Call before carriers are started: a restart must send nothing that is paused."""
        rows = await self._pauses.all()
        self._router.drain(
            Drained(
                carriers=p.values(rows, p.CARRIER, p.DRAIN),
                routes=p.values(rows, p.ROUTE, p.DRAIN),
                accounts=p.values(rows, p.ACCOUNT, p.DRAIN),
                senders=p.values(rows, p.SENDER, p.DRAIN),
                countries=p.values(rows, p.COUNTRY, p.DRAIN),
            )
        )
        self._apply(rows)

    def _stopped_changed(self) -> None:
        """Other accounts than before are suspended or closed. Before the start there is nothing to apply yet."""
        if not self._first:
            self._apply(self.rows)

    def _apply(self, rows: list[Pause]) -> None:
        stopped = frozenset(self._tree.stopped)
        self._dispatcher.pause(p.values(rows, p.CARRIER, p.PAUSE), p.halts(rows, stopped))
        if self._first or rows != self.rows or stopped != self._stopped:
            self._first = False
            self._dispatcher.held_out.let_in()  # messages that no pause holds any more, also from before this start
        self.rows, self._stopped = rows, stopped

    def stop_binds(self, carriers: Iterable[Carrier]) -> None:
        """Pause the paused binds of carriers that may just have been restarted."""
        for carrier in carriers:
            if isinstance(carrier, Pausable):
                carrier.pause_binds(p.binds(self.rows, carrier.id))

    async def stop(self) -> None:
        """Stop releasing messages."""
        await self._dispatcher.held_out.stop()
