"""The API over an intake that stores nothing, once with the hot route and once with FastAPI alone."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from fastapi import APIRouter

from onesixty.doors.v1 import SEND_PATH, SendDoor, build_api
from onesixty.doors.v1.door import pages_door, v1_door
from onesixty.http.auth import KeyRing
from onesixty.http.call import FindOpen
from onesixty.http.front import Front
from onesixty.http.reading import BODY_SECONDS, MAX_BODY
from tests.http.asgi import Client
from tests.http.world import LIVE, PUBLIC_URL, Clock, Intake, Keys, new_ids, some_keys
from tests.support.refusals import untraced


class World:
    """One running API. `client()` speaks with the live key, `client(TEST)` with the test key."""

    def __init__(
        self,
        hot: bool,
        routers: Sequence[APIRouter] = (),
        idempotency: Any = None,
        *,
        max_body: int = MAX_BODY,
        body_seconds: float = BODY_SECONDS,
        find_open: FindOpen | None = None,
    ) -> None:
        self.clock = Clock()
        self.ids = new_ids(self.clock)
        self.keys: Keys = some_keys()
        self.ring = KeyRing(self.keys.find, self.clock)
        self.intake = Intake(self.clock, self.ids)
        self.counted: list[tuple[str, int]] = []
        self.ready = True
        self.door = SendDoor(self.intake.accept, idempotency, PUBLIC_URL, untraced())
        self.api = build_api(
            send=self.door,
            routers=routers,
            ready=lambda: self.ready,
            metrics=lambda: b"onesixty_ready 1\n",
            public_url=PUBLIC_URL,
            version="1.0",
        )
        self.v1 = v1_door(
            self.api,
            self.ring,
            PUBLIC_URL,
            hot={("POST", SEND_PATH): self.door} if hot else {},
            max_body=max_body,
            find_open=find_open,
        )
        self.app = Front(
            (self.v1, pages_door(self.api, PUBLIC_URL, max_body=max_body)),
            clock=self.clock,
            ids=self.ids,
            body_seconds=body_seconds,
            count=lambda route, status, _seconds: self.counted.append((route, status)),
        )

    def client(self, key: str | None = LIVE, address: str = "192.0.2.1") -> Client:
        return Client(self.app, key, address)


@pytest.fixture(params=["hot", "fastapi"])
def world(request: pytest.FixtureRequest) -> World:
    """The API, with both ways to the hot route."""
    return World(request.param == "hot", max_body=4096, body_seconds=0.05)


@pytest.fixture
def new_world() -> Callable[..., World]:
    return World
