"""Numbers of accounts as a feature of a node."""

from __future__ import annotations

from collections.abc import Container, Sequence

from fastapi import APIRouter

from onesixty.http.openapi import Router
from onesixty.http.resource_exports import add_export
from onesixty.http.resource_routes import routes
from onesixty.inventory.endpoints import TABLE, ConfiguredCarriers, Credentials, NumberExport, Numbers
from onesixty.inventory.own_numbers import OwnNumbers
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature


class InventoryFeature(Feature):
    """The numbers in memory, and their endpoints."""

    def __init__(
        self,
        node: Context,
        *,
        carriers: ConfiguredCarriers,
        accounts: Container[str],
        credentials: Credentials,
    ) -> None:
        """`carriers`, `accounts` and `credentials` are what a number may refer to."""
        self.numbers = OwnNumbers(node.store, node.clock, node.ids, node.row_effects)
        self._idempotency = node.idempotency
        self._notes = node.notes
        self._resource = Numbers(
            self.numbers, carriers=carriers, accounts=accounts, credentials=credentials, names=node.observer
        )

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        resource = self._resource
        router = add_export(
            resource,
            NumberExport,
            TABLE,
            self._notes,
            Router(resource.tag),
            "Operators also see the carrier of a number.",
        )
        return [routes(resource, self._idempotency, router)]

    async def load(self) -> None:
        """See Feature."""
        await self.numbers.load()
