"""What is sent in a round, and what is known of it from outside: who answered what, what the carrier got, which
events came."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from tests.support.api import Api

ORDERS = 60
AT_ONCE = 6
CLASSES = ("transactional", "otp", "marketing")
#: Seconds that a message may be on its way whose outcome is not to be guessed: after that it is unconfirmed.
HELD_FOR = 4
SOON = 0.7
FAR = 3600


@dataclass
class Order:
    """One message to send. `id` is None until an answer said that it was accepted."""

    to: str
    text: str
    fields: dict[str, Any]
    idempotency_key: str | None = None
    #: Seconds from now for which it is scheduled; those that are FAR are canceled at once.
    ahead: float = 0.0
    tried: bool = False
    id: str | None = None
    canceled: bool = False

    @property
    def held(self) -> bool:
        return self.fields["on_unknown"] == "hold"

    @property
    def to_be_canceled(self) -> bool:
        return self.ahead == FAR

    @property
    def open(self) -> bool:
        """Whether there is still something to ask for."""
        if self.id is None:
            # Without a key nobody can know what became of a request that was not answered: it is left alone.
            return not self.tried or self.idempotency_key is not None
        return self.to_be_canceled and not self.canceled


@dataclass
class Traffic:
    """The orders of a round."""

    callback: str
    seed: int
    orders: list[Order] = field(default_factory=list)

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)
        for number in range(ORDERS):
            long = chance.random() < 0.2
            alphabet = chance.choice(("lorem ipsum ", "снег и лёд "))
            fields: dict[str, Any] = {"class": CLASSES[number % 3], "on_unknown": "resend"}
            if number % 4 == 1:
                fields |= {"on_unknown": "hold", "valid_for": HELD_FOR}
            if number % 5 == 0:
                fields["status_callback"] = self.callback
            self.orders.append(
                Order(
                    to=f"+1555{self.seed % 1000:03}{number:04}",
                    text=f"{number} " + alphabet * (20 if long else 1),
                    fields=fields,
                    idempotency_key=f"key {number}" if number % 3 == 0 else None,
                    ahead={2: SOON, 7: FAR}.get(number % 15, 0.0),
                )
            )

    async def send(self, api: Api, running: Callable[[], bool]) -> None:
        """Send what is left until all of it was answered, or nobody answers any more."""
        todo = iter([order for order in self.orders if order.open])
        await asyncio.gather(*(self._send_some(api, todo, running) for _ in range(AT_ONCE)))

    async def _send_some(self, api: Api, todo: Iterator[Order], running: Callable[[], bool]) -> None:
        for order in todo:
            if not running():
                return
            try:
                await _send(api, order)
            except aiohttp.ClientError:
                continue

    async def repeat(self, api: Api) -> None:
        """Every request with a key once more, though it was answered: the answer is the first one's."""
        for order in self.orders:
            if order.idempotency_key is not None and order.ahead == 0:
                reply = await _post(api, order)
                assert (reply.status, reply.id) == (202, order.id)
                assert reply.headers["idempotency-replayed"] == "true"

    @property
    def answered(self) -> set[str]:
        """The ids that a 202 named."""
        return {order.id for order in self.orders if order.id is not None}


async def _send(api: Api, order: Order) -> None:
    if order.id is None:
        order.tried = True
        if order.ahead and "scheduled_at" not in order.fields:
            at = datetime.now(UTC) + timedelta(seconds=order.ahead)
            order.fields["scheduled_at"] = at.isoformat()
        reply = await _post(api, order)
        if reply.status == 422 and reply.code == "scheduled_in_past":
            # The first try never got there, and its time has passed meanwhile: another order.
            order.fields["scheduled_at"] = (datetime.now(UTC) + timedelta(seconds=SOON)).isoformat()
            order.idempotency_key = f"{order.idempotency_key} again"
            reply = await _post(api, order)
        assert reply.status == 202, reply
        order.id = reply.id
    if order.to_be_canceled:
        reply = await api.call("POST", f"/v1/messages/{order.id}/cancel")
        assert reply.status == 200, reply
        order.canceled = True


async def _post(api: Api, order: Order) -> Any:
    return await api.send(order.to, order.text, idempotency_key=order.idempotency_key, **order.fields)


def event_ids(requests: list[Any]) -> Counter[str]:
    """How often each event came to a receiver."""
    return Counter(request.id for request in requests)
