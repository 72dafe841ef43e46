"""A node whose messages go over simulated carriers, with a clock to turn, and a person who reads the handset."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from onesixty.core.tenant import Tenant
from onesixty.simulator.handsets import RECEIVED
from onesixty.webhooks.rows import NewEvent
from tests.doors.office import Office
from tests.http.asgi import Reply
from tests.support.waiting import wait_until_async

TO = "+15551234567"
PROFILES = "/v1/verify-profiles"
PATH = "/v1/verifications"
QUICK = {"latency_ms": 1, "latency_jitter_ms": 0, "receipt_delay_ms": 1, "receipt_jitter_ms": 0}
SENDER = "+15550009999"


class Desk(Office):
    """A node with a profile `login`. Dispatch runs; the sweep runs when a test asks for it."""

    async def ready(self, **profile: Any) -> None:
        for name in ("first", "second"):
            await self.features.configs.add_carrier(name, "simulator", QUICK)
        configs = self.features.configs
        carriers = {carrier.name: carrier.id for carrier in await configs.carriers()}
        await configs.add_route("default", [carriers["first"], carriers["second"]])
        self.carriers = carriers
        await self.features.network.refresh()
        await wait_until_async(lambda: all(queue.is_up(0) for queue in self.features.path.queues.values()))
        made = await self.client().post(
            PROFILES, {"name": "login", "application": "Acme", "sender": SENDER} | profile
        )
        assert made.status == 201, made.body
        self.profile: dict[str, Any] = made.json
        self.events: list[tuple[str, str]] = []
        self.store.subscribe("event_insert", self._note)

    def _note(self, rows: list[tuple[Any, ...]]) -> None:
        self.events += [(event.type, event.data) for event in map(NewEvent._make, rows)]

    def _hold(self) -> None:
        """The carriers run."""

    async def start(self, to: str = TO, status: int = 201, **fields: Any) -> dict[str, Any]:
        reply = await self.client().post(PATH, {"to": to} | fields)
        assert reply.status == status, reply.body
        found: dict[str, Any] = reply.json
        return found

    async def check(self, id_: str, code: str, **fields: Any) -> Reply:
        return await self.client().post(f"{PATH}/{id_}/check", {"code": code} | fields)

    async def get(self, id_: str) -> dict[str, Any]:
        reply = await self.client().get(f"{PATH}/{id_}")
        assert reply.status == 200, reply.body
        found: dict[str, Any] = reply.json
        return found

    def texts(self, to: str = TO) -> list[str]:  # type: ignore[override]
        """What the handset of a number has, oldest first."""
        handset = self.sandbox.handsets.find(Tenant(self.account_id, False), to)
        if handset is None:
            return []
        return [shown.text for shown in handset.messages() if shown.direction == RECEIVED]

    async def read(self, number: int = 1, to: str = TO) -> str:
        """The code that a person reads in the text with this number, from 1."""
        await wait_until_async(lambda: len(self.texts(to)) >= number)
        found = re.search(r"\b([0-9A-Z]{4,10})\b(?=[. ])", self.texts(to)[number - 1].partition(":")[2])
        assert found is not None, self.texts(to)
        return found[1]

    async def turn(self, seconds: float) -> None:
        """Time goes by, and the node keeps its lease."""
        self.clock.turn(seconds)
        lease = self.node.lease._lease
        assert lease is not None
        assert await lease.renew()
        self.features.path.queues.wake_all()

    async def sweep(self) -> None:
        """What the sweep does now."""
        await self.features.sweep.once()

    def told(self, *types: str) -> list[dict[str, Any]]:
        """The events of verifications, in order: their data, with the `type`."""
        return [
            {"type": type_, **msgspec.json.decode(data)}
            for type_, data in self.events
            if type_.startswith("verification.") and (not types or type_ in types)
        ]


def other_than(code: str) -> str:
    """A wrong code."""
    return code[:-1] + ("1" if code[-1] != "1" else "2")


@pytest.fixture
async def desk(tmp_path: Any) -> AsyncIterator[Desk]:
    made = await Desk.open(data_dir=tmp_path)
    await made.ready()
    yield made
    await made.close()


@pytest.fixture
async def desk_on_each_engine(engine_url: str, tmp_path: Any) -> AsyncIterator[Desk]:
    made = await Desk.open(engine_url, data_dir=tmp_path)
    await made.ready()
    yield made
    await made.close()
