"""A node with its whole API in process, and people who come in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from onesixty.people.passwords import cost
from onesixty.people.people import People
from tests.doors.office import Office
from tests.http.asgi import Client, Reply
from tests.people.browser import ORIGIN, Browser

PASSWORD = "correct horse battery"
OWNER = "ada@example.com"


class Town:
    """An office, and the way in."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.clock = office.clock
        # The KDF at its least cost: what it costs is no matter here.
        self.people.passwords._hashing._kdf = cost(memory_kib=64, passes=1)

    @property
    def people(self) -> People:
        return self.office.features.people.people

    @property
    def keys(self) -> Client:
        """A client with the operator's live key."""
        return self.office.client()

    def browser(self, address: str = "192.0.2.1") -> Browser:
        return Browser(self.office.front, address)

    async def owner(self) -> Browser:
        """The first user, signed in."""
        token = await self.people.setup.first()
        browser = self.browser()
        reply = await browser.post(
            "/v1/setup", {"token": token, "email": OWNER, "password": PASSWORD, "name": "Ada"}
        )
        assert reply.status == 201, reply
        return browser

    async def invited(self, by: Browser, email: str, role: str, **extra: str) -> Browser:
        """Another user, who was invited and is signed in."""
        made = await by.post("/v1/invitations", {"email": email, "role": role}, **extra)
        assert made.status == 201, made
        browser = self.browser()
        reply = await browser.post(
            "/v1/invitations/accept",
            {"token": made.json["link"].partition("#")[2], "name": email, "password": PASSWORD},
        )
        assert reply.status == 201, reply
        return browser

    async def sign_in(
        self, email: str = OWNER, password: str = PASSWORD, **more: Any
    ) -> tuple[Browser, Reply]:
        browser = more.pop("browser", None) or self.browser()
        return browser, await browser.post("/v1/sessions", {"email": email, "password": password, **more})


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    office = await Office.open(public_url=ORIGIN)
    yield Town(office)
    await office.close()


@pytest.fixture
async def town_on_each_engine(engine_url: str) -> AsyncIterator[Town]:
    office = await Office.open(engine_url, public_url=ORIGIN)
    yield Town(office)
    await office.close()
