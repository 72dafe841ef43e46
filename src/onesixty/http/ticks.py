"""Requests for one hot route that arrive in one step of the event loop: answered together, by one task.

Under load many connections can be read in one step. Their requests then share one pass through the route, one commit
and one wait for it, which saves a task, two futures and a timer for each. A request that is alone in its step takes
the same way.

Rules kept here:
- requests pass through the route in the order in which they arrived;
- a request that has to wait for something of its own does not come here (`Front.joins`): no request waits for
  another one's look-up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Protocol

from onesixty.http.call import Answer, Call


class Exchange(Protocol):
    """A request and its connection. Implemented by `http.connection`."""

    call: Call

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` in a task that a stop of the server waits for."""

    def deliver(self, answer: Answer) -> None:
        """Write the answer, unless the client is gone."""

    def abort(self) -> None:
        """Close the connection without an answer."""


class Tick:
    """The requests of the present step."""

    __slots__ = ("_answer", "_exchanges")

    def __init__(self, answer: Callable[[Sequence[Call]], Awaitable[Sequence[Answer]]]) -> None:
        """`answer` never raises; its answers have the order of the calls."""
        self._answer = answer
        self._exchanges: list[Exchange] = []

    def add(self, exchange: Exchange) -> None:
        """Answer this request with the others of the step."""
        if not self._exchanges:
            asyncio.get_running_loop().call_soon(self._end)
        self._exchanges.append(exchange)

    def _end(self) -> None:
        exchanges, self._exchanges = self._exchanges, []
        exchanges[0].start(self._go(exchanges))

    async def _go(self, exchanges: Sequence[Exchange]) -> None:
        try:
            answers = await self._answer([exchange.call for exchange in exchanges])
        except asyncio.CancelledError:
            for exchange in exchanges:
                exchange.abort()
            raise
        for exchange, answer in zip(exchanges, answers, strict=True):
            exchange.deliver(answer)
