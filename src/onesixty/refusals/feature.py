"""The trace of refusals as a feature of a node."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from onesixty.accounts import Accounts
from onesixty.core.contracts import Write
from onesixty.core.message import Message
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.refusals.endpoints import refusal_routes
from onesixty.refusals.service import Refusals
from onesixty.refusals.trace import Trace


class RefusalsFeature(Feature):
    """The trace that doors write to, and its endpoints."""

    def __init__(self, node: Context, accounts: Accounts) -> None:
        self._accounts = accounts
        self._notes = node.notes
        self.trace = Trace(
            node.store, node.clock, node.ids.new, node.observer, kept=node.settings.refusals_kept
        )
        self.refusals = Refusals(node.store, node.clock, self.trace)

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        return [refusal_routes(self.refusals, self._accounts.book, self._notes)]

    def scrub(self, message: Message) -> Sequence[Write]:
        """See Feature."""
        return self.refusals.redact(message)

    async def stop(self, seconds: float) -> None:
        """Write the refusals that are still in memory."""
        await self.trace.stop()
