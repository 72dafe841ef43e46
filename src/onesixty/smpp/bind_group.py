"""Several binds to one carrier, used as one."""

import asyncio

from onesixty.smpp.client import Bind


class BindGroup:
    """The bind with the most room takes the next request; equals take turns."""

    def __init__(self, binds: list[Bind]) -> None:
        self.binds = binds
        self._next = 0

    def start(self) -> None:
        """Start all."""
        for bind in self.binds:
            bind.start()

    async def stop(self, timeout: float) -> None:
        """Stop all, at the same time."""
        await asyncio.gather(*(bind.stop(timeout) for bind in self.binds))

    @property
    def bound(self) -> int:
        """How many are bound."""
        return sum(bind.bound for bind in self.binds)

    @property
    def window_free(self) -> int:
        """Room over all binds."""
        return sum(bind.window_free for bind in self.binds)

    @property
    def in_flight(self) -> int:
        """Requests without an answer, over all binds."""
        return sum(bind.in_flight for bind in self.binds)

    def pick(self) -> Bind | None:
        """The bind to send on next, or None if none can now."""
        best: Bind | None = None
        best_free = 0
        count = len(self.binds)
        for offset in range(count):
            bind = self.binds[(self._next + offset) % count]
            link = bind.link
            free = bind.window_free
            if free > best_free and link is not None and link.session.transmits and bind.ready_in() <= 0:
                best = bind
                best_free = free
        self._next = (self._next + 1) % count if count else 0
        return best
