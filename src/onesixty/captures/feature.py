"""Captures as a feature of a node."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from onesixty.captures.captures import Captures, Covers
from onesixty.captures.endpoints import Carriers, Subjects, capture_routes
from onesixty.captures.pdu_endpoints import pdu_routes
from onesixty.core.errors import Problem
from onesixty.core.message import INBOUND, Message
from onesixty.customers.binds import Binds
from onesixty.customers.credentials import SmppCredentials
from onesixty.customers.message_ids import DECIMAL, HEX, SHORT, TYPEID, smpp_id
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature


class CapturesFeature(Feature):
    """The captures of this node, their endpoints, and their part in redaction."""

    def __init__(
        self,
        node: Context,
        *,
        binds: Binds,
        credentials: SmppCredentials,
        carriers: Carriers,
        covers: Covers,
    ) -> None:
        """`covers` says whether a code is on its way to a number."""
        self.captures = Captures(node.settings.data_dir / "captures", node.clock, node.ids, binds, covers)
        self._notes = node.notes
        self._carriers = carriers
        self._subjects = Subjects(node.store, carriers, self.captures, credentials)

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        return [
            capture_routes(self.captures, self._subjects, self._notes),
            pdu_routes(self.captures, self._carrier_name, self._notes),
        ]

    async def _carrier_name(self, carrier_id: str) -> str:
        """The name of a carrier, or its id if it is removed."""
        try:
            return (await self._carriers.named_carrier(carrier_id, "carrier")).name
        except Problem:
            return carrier_id

    async def forget(self, message: Message) -> None:
        """Delete the files that contain the number. A replace_sm identifies its message only by id."""
        number = message.sender if message.direction == INBOUND else message.recipient
        forms = [smpp_id(message.id, form) for form in (HEX, DECIMAL, TYPEID, SHORT)]
        await self.captures.redact(number, forms)

    async def close(self, seconds: float) -> None:
        """Stop and delete all captures: redaction cannot reach the files of a stopped node."""
        self.captures.close()
