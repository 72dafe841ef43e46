"""The table of number ranges as a feature of a node: networks of numbers, for routes and for lookups."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.ranges.endpoints import network_routes
from onesixty.ranges.lookup_endpoints import lookup_routes
from onesixty.ranges.networks import Networks


class RangesFeature(Feature):
    """The table in memory, and its endpoints."""

    def __init__(self, node: Context) -> None:
        self.networks = Networks(node.store)
        self._notes = node.notes

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        return [lookup_routes(self.networks), network_routes(self.networks, self._notes)]

    async def load(self) -> None:
        """See Feature."""
        await self.networks.load()
