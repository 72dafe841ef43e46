"""The sandbox as a feature of a node: handsets to read and to reply from, scenarios that change the networks."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from onesixty.core.contracts import Write
from onesixty.core.message import INBOUND, Message
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.sandbox.endpoints import sandbox_routes
from onesixty.simulator.sandbox import Sandbox
from onesixty.simulator.stage import Stage


class SandboxFeature(Feature):
    """The stage of scenarios, the endpoints, and the redaction of handsets."""

    def __init__(self, node: Context, sandbox: Sandbox) -> None:
        """`sandbox` is shared by simulated carriers and their handsets."""
        self._sandbox = sandbox
        self._names = node.observer
        self._notes = node.notes
        self.stage = Stage(sandbox, node.clock, node.observer.carrier_name)

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        return [sandbox_routes(self._sandbox, self.stage, self._names, self._notes)]

    def scrub(self, message: Message) -> Sequence[Write]:
        """Handsets exist only in memory, so there is nothing to write."""
        self._sandbox.handsets.forget(message.id)
        return ()

    async def forget(self, message: Message) -> None:
        """Messages sent by a handset are stored under its own number."""
        if message.direction == INBOUND:
            owner = message.tenant
            self._sandbox.handsets.forget_sent(owner, message.sender, message.recipient)

    async def stop(self, seconds: float) -> None:
        """See Feature."""
        await self.stage.stop()
