"""The guards of verifications as a feature of a node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter

from onesixty.core import ids
from onesixty.core.contracts import Write
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.store.rounds import Rounds
from onesixty.store.rows import Rows
from onesixty.verify.guards.endpoints import Stops, guard_routes
from onesixty.verify.guards.facts import scope_of
from onesixty.verify.guards.rows import GuardRows
from onesixty.verify.guards.service import Guards
from onesixty.verify.guards.tables import BLOCKS, TRUSTED

#: Seconds between two reads of what is usual.
REFRESHED: Final = 300.0


class GuardsFeature(Feature):
    """The guards, what they have stopped, and trusted numbers."""

    cleaners = (
        "verify_marks_expire",
        "verify_traces_expire",
        "verify_tallies_expire",
        "verify_spending_expire",
        "verify_blocks_expire",
    )

    def __init__(self, node: Context) -> None:
        self._node = node
        self._stops = Rows(BLOCKS, node.store, node.clock, node.ids, one="block", effects=node.row_effects)
        self._trusted = Rows(
            TRUSTED, node.store, node.clock, node.ids, one="trusted number", effects=node.row_effects
        )
        #: Judges starts, for verifications.
        self.guards = Guards(
            GuardRows(node.store),
            lambda: node.ids.new(ids.VERIFY_BLOCK),
            lambda: node.lease.id,
            lambda guard, action: node.metrics.verify_stops.labels(guard, action).inc(),
        )

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        node = self._node
        return guard_routes(Stops(self._stops), self._trusted, node.idempotency, node.notes)

    def scrub(self, message: Message) -> Sequence[Write]:
        """See Feature. Guards forget the number of a redacted message."""
        if not message.recipient:
            return ()
        scope = scope_of(Tenant(message.account_id, message.test))
        return (
            ("verify_marks_forget", (scope, message.recipient)),
            ("verify_traces_forget", (f"{scope}/n/{message.recipient}",)),
        )

    async def load(self) -> None:
        """See Feature."""
        await self.guards.refresh(self._node.clock.now_ms())

    async def refresh(self) -> None:
        """See Feature. What is usual has rounds of its own."""

    def rounds(self) -> Sequence[Rounds]:
        """See Feature."""
        return [Rounds(self._node.store, "verify_guards", REFRESHED, self.load)]
