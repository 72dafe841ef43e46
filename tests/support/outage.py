"""What tests share that take the database away in the middle of traffic: customers who do not give up, and what
the product may say meanwhile."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any, Self

import aiohttp

from tests.support.api import Api, Reply

#: What the log tells of an outage, each of it a warning.
OUTAGE = (
    r'"\w+_waits?_for_store"',
    r'"(receipts|inbound)_refused"',
    r'"\w+_(rows_)?unreadable"',
    r'"lease_not_renewed"',
    r'"refresh_waits_for_renewal"',
)
#: Seconds between two messages of a customer, unless a test gives others.
PACE = 0.02


def assert_away(reply: Reply) -> None:
    """The answer of a store that is away."""
    assert (reply.status, reply.code, reply.json["retryable"]) == (503, "unavailable", True)
    assert int(reply.headers["retry-after"]) >= 1


class Customers:
    """Some customers who send one message after the other, each until it is accepted, from `async with` to
    `finish`. `accepted` is the id of each by its number; `prefix` begins the recipients, and `pace` are the seconds
    between two messages of one of them."""

    def __init__(
        self, api: Api, prefix: str, at_once: int = 4, *, restarts: bool = False, **fields: Any
    ) -> None:
        """`restarts`: the node may end and come back meanwhile, and answers may say that it stops."""
        self.accepted: dict[int, str] = {}
        self.pace = PACE
        self._api = api
        self._prefix = prefix
        self._fields = fields
        self._restarts = restarts
        self._numbers = itertools.count()
        self._over = asyncio.Event()
        self._at_once = at_once
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._customer()) for _ in range(self._at_once)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def finish(self, timeout: float = 40.0) -> list[str]:
        """Let each get the answer to what he is sending; the ids of all."""
        self._over.set()
        await asyncio.wait_for(asyncio.gather(*self._tasks), timeout)
        return list(self.accepted.values())

    async def _customer(self) -> None:
        while not self._over.is_set():
            n = next(self._numbers)
            while n not in self.accepted:
                try:
                    reply = await self._api.send(
                        f"{self._prefix}{n:04}", idempotency_key=f"order {self._prefix}{n}", **self._fields
                    )
                except TimeoutError:
                    continue  # a customer loses patience and asks again, under the same key
                except aiohttp.ClientError:
                    if not self._restarts:
                        raise
                    await asyncio.sleep(0.2)
                    continue
                if reply.status == 202:
                    self.accepted[n] = reply.id
                else:
                    assert_away(reply)
                await asyncio.sleep(self.pace)
