"""The receivers of the demonstration's webhooks.

Rules kept here:
- a receiver is a host below `.example`, which nobody can own (RFC 2606). It answers in this process;
- an address beyond these is posted to over HTTP while the demonstration runs, so that people can try their own
  receivers; while it is built there is no network.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from onesixty.core.clock import Clock
from onesixty.webhooks.poster import Answer, Outgoing, Poster

#: The hosts of all receivers end with this.
DOMAIN: Final = ".example"


class Receiver(NamedTuple):
    """How one receiver answers: after `seconds`, with `status`; from `fails_from` on (epoch ms) with `failing`."""

    seconds: float = 0.08
    status: int = 204
    fails_from: int | None = None
    failing: Answer = Answer(503)


class Hooks:
    """A poster (`webhooks.poster`). Receivers that no feature has described accept everything."""

    def __init__(self, clock: Clock, beyond: Poster | None = None) -> None:
        """`beyond` posts to all other addresses."""
        self._clock = clock
        self._beyond = beyond
        self.receivers: dict[str, Receiver] = {}

    def send(self, outgoing: Outgoing, done: Callable[[Answer], None]) -> None:
        """See Poster."""
        host = urlsplit(outgoing.url).hostname or ""
        if host.endswith(DOMAIN):
            receiver = self.receivers.get(host, Receiver())
            failing = receiver.fails_from is not None and self._clock.now_ms() >= receiver.fails_from
            answer = receiver.failing if failing else Answer(receiver.status)
            asyncio.get_running_loop().call_later(receiver.seconds, done, answer)
        elif self._beyond is not None:
            self._beyond.send(outgoing, done)
        else:
            asyncio.get_running_loop().call_soon(done, Answer(None, "name not found"))

    def forget(self, lane: str) -> None:
        """See Poster."""
        if self._beyond is not None:
            self._beyond.forget(lane)

    async def close(self) -> None:
        """See Poster."""
        if self._beyond is not None:
            await self._beyond.close()
