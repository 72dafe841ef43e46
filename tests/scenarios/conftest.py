"""The scenario's own fixture: a running product and a client with its first key.

A scenario is one file, named as a sentence. It drives the real process over real sockets and waits for
conditions only. What the product may complain about is said in the scenario (`node.product.allow_log`); any other
warning or error in its log fails it at the end.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.auditing import assert_audited
from tests.support.far_end import FarEnd
from tests.support.process import Product
from tests.support.receiver import Receiver
from tests.support.waiting import wait_until_async


class Node:
    """A running product. `api` has the operator's live key."""

    def __init__(self, product: Product, api: Api) -> None:
        self.product = product
        self.api = api

    async def start(self) -> None:
        await asyncio.to_thread(self.product.start)

    async def stop(self) -> None:
        await asyncio.to_thread(self.product.stop)

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def hook(self, receiver: Receiver, path: str = "/hook") -> str:
        """Have every event posted to the receiver; the secret of the signatures."""
        made = await self.api.ask("POST", "/v1/webhooks", {"url": receiver.url + path, "events": ["*"]})
        return str(made["secret"])

    async def bound(self, *names: str) -> None:
        """Wait until these carriers have all their binds."""

        async def all_bound() -> bool:
            states = {c["name"]: c["state"] for c in (await self.api.ask("GET", "/v1/carriers"))["data"]}
            return all(states[name] and states[name]["binds_bound"] for name in names)

        await wait_until_async(all_bound, 10, f"the binds of {names}")

    async def audit(self) -> None:
        """What `onesixty audit` looks for is not there."""
        await assert_audited(self.product)


StartNode = Callable[..., Awaitable[Node]]


@pytest.fixture
async def start_node(new_product: Callable[..., Product]) -> AsyncIterator[StartNode]:
    """A function: `await start_node([far_end.table("acme")], routes=..., **settings)` gives a Node that serves."""
    async with contextlib.AsyncExitStack() as ending:

        async def start(
            carriers: Sequence[dict[str, Any]] = (),
            routes: dict[str, list[str]] | None = None,
            environment: dict[str, str] | None = None,
            **settings: Any,
        ) -> Node:
            tables = [{"name": name, "carriers": through} for name, through in (routes or {}).items()]
            product = new_product(carriers=json.dumps(carriers), routes=json.dumps(tables), **settings)
            product.extra_environment |= environment or {}
            node = Node(product, await ending.enter_async_context(Api(product.url, product.admin_key)))
            await node.start()
            return node

        yield start


@pytest.fixture
async def far_end() -> AsyncIterator[FarEnd]:
    """A well-behaved carrier's SMSC."""
    async with FarEnd() as running:
        yield running
