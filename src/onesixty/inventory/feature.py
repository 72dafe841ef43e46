"""The numbers that accounts own, as a feature of a node."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from onesixty.inventory.endpoints import Surroundings, number_routes
from onesixty.inventory.own_numbers import OwnNumbers
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature


class InventoryFeature(Feature):
    """The numbers in memory, and their endpoints."""

    def __init__(self, node: Context, around: Surroundings) -> None:
        """`around` tells of the carriers, accounts and credentials that a number names."""
        self.numbers = OwnNumbers(node.store, node.clock, node.ids, node.row_effects)
        self._around = around
        self._idempotency = node.idempotency

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        return [number_routes(self.numbers, self._around, self._idempotency)]

    async def load(self) -> None:
        """See Feature."""
        await self.numbers.load()
