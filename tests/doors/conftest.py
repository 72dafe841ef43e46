"""What the tests of doors share: the hot route over a real intake, once as the front answers it and once with FastAPI
alone; the whole API over a store of each engine; the document of the API."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from onesixty.doors.v1 import SEND_PATH, SendDoor
from onesixty.doors.v1.send import send_routes
from onesixty.http.auth import KeyRing
from onesixty.http.front import Front
from onesixty.http.hot import HotRoutes
from tests.doors.office import Office
from tests.http.asgi import Client
from tests.http.world import LIVE, PUBLIC_URL, front_over, some_keys
from tests.support.refusals import untraced


class World(Office):
    """`client()` speaks with the live key, `client(TEST)` with the test key; `counted` are the answers."""

    def another_front(self, ring: KeyRing | None = None) -> Front:
        self.counted: list[tuple[str, int]] = []
        door = SendDoor(
            self.features.path.intake,
            self.node.idempotency,
            PUBLIC_URL,
            untraced(),
            self.features.templates.sending,
        )
        return front_over(
            send_routes(door),
            clock=self.clock,
            keys=some_keys(self.account_id),
            hot={("POST", SEND_PATH): door},
            together={("POST", SEND_PATH): door},
            max_body=4096,
            body_seconds=0.05,
            count=lambda route, status, _seconds: self.counted.append((route, status)),
        )

    def client(self, key: str | None = LIVE, address: str = "192.0.2.1") -> Client:
        return Client(self.front, key, address)


@pytest.fixture(params=["hot", "fastapi"])
async def world(request: Any) -> AsyncIterator[World]:
    """The API, with both ways to the hot route."""
    made = await World.open()
    await made.route()
    if request.param == "fastapi":
        made.front.hot = HotRoutes(())
    yield made
    await made.close()


@pytest.fixture
async def office(engine_url: str) -> AsyncIterator[Office]:
    """The whole API over a store of each engine, with a route."""
    made = await Office.open(engine_url)
    await made.route()
    yield made
    await made.close()


@pytest.fixture(scope="session")
def document() -> Any:
    """The OpenAPI document of an office, made once: it is the same whenever it is made. Change nothing in it."""

    async def read() -> Any:
        office = await Office.open()
        found = (await office.client().get("/openapi.json")).json
        await office.close()
        return found

    return asyncio.run(read())
