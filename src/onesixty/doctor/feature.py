"""The doctor as a feature of a node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fastapi import APIRouter

from onesixty.core.contracts import CarrierState
from onesixty.doctor.checks import Installation, Node
from onesixty.doctor.endpoints import doctor_routes
from onesixty.doctor.nodes import Nodes
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.ops.settings import Address


class DoctorFeature(Feature):
    """The checks of this installation, its settings and its nodes."""

    def __init__(
        self,
        node: Context,
        *,
        carriers: Callable[[], Mapping[str, CarrierState]],
        addresses: Callable[[], list[Address]],
    ) -> None:
        """`carriers` gives the states of the running carriers by name, `addresses` where the node listens."""
        self._node = node
        self._carriers = carriers
        self._addresses = addresses

    def _installation(self) -> Installation:
        node = self._node
        return Installation(
            settings=node.settings,
            clock=node.clock,
            store=node.store,
            node=Node(node.lease.id, node.lease.held, self._carriers, self._addresses),
        )

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        node = self._node
        return [doctor_routes(self._installation, Nodes(node.store, node.clock), node.notes)]
