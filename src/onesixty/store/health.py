"""Whether a store can write: no after a failure of the environment, yes again after a probe that wrote.

Rules kept here:
- one failure is enough; probes follow at growing intervals until one has written;
- a write that waits too long for its answer (`store.unanswered`) counts as a failure for as long as it waits;
- listeners are called at changes only, and an error in one listener does not keep the others from being called.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from onesixty.store.contract import HealthListener, Observer
from onesixty.store.units import Unavailable

#: Seconds until the first probe, and the longest time between two probes.
FIRST_PROBE: Final = 0.1
LONGEST: Final = 5.0

#: Tries to write. Returns None if it worked, else the reason why it did not.
Probe = Callable[[], Awaitable[Unavailable | None]]


class Announcer:
    """Remembers the last announced health of a store, and calls the listeners when it changes."""

    def __init__(self, loop: asyncio.AbstractEventLoop, observer: Observer) -> None:
        self._loop = loop
        self._observer = observer
        self._listeners: list[HealthListener] = []
        self.healthy = True

    def listen(self, listener: HealthListener) -> None:
        """Call `listener` at every change."""
        self._listeners.append(listener)

    def say(self, healthy: bool) -> None:
        """Announce whether the store can write now. Listeners are called only if that changes."""
        if healthy == self.healthy:
            return
        self.healthy = healthy
        self._observer.health(healthy)
        for listener in self._listeners:
            try:
                listener(healthy)
            except Exception as error:
                self._loop.call_exception_handler(
                    {"message": "a listener to the store's health failed", "exception": error}
                )


class Health:
    """The health of one store."""

    def __init__(self, loop: asyncio.AbstractEventLoop, observer: Observer, probe: Probe) -> None:
        self._loop = loop
        self._announcer = Announcer(loop, observer)
        self._probe = probe
        self._task: asyncio.Task[None] | None = None
        self._failed = False
        self._stalled = False
        self.reason: Unavailable | None = None

    @property
    def healthy(self) -> bool:
        """Whether it can write and answers in time."""
        return self._announcer.healthy

    def listen(self, listener: HealthListener) -> None:
        """Call `listener` at every change."""
        self._announcer.listen(listener)

    def lost(self, reason: Unavailable) -> None:
        """Note that the store could not write, for this reason. Probes run until one has written."""
        self.reason = reason
        if not self._failed:
            self._failed = True
            self._task = self._loop.create_task(self._probing(), name="store-probe")
            self._look()

    def stalled(self, stalled: bool) -> None:
        """Note that the oldest write has waited too long for its answer (True), or is answered now (False)."""
        self._stalled = stalled
        if not self._failed:
            self.reason = Unavailable("the store does not answer") if stalled else None
        self._look()

    def stop(self) -> None:
        """Stop probing."""
        if self._task is not None:
            self._task.cancel()

    async def _probing(self) -> None:
        pause = FIRST_PROBE
        while True:
            await asyncio.sleep(pause)
            failure = await self._probe()
            if failure is None:
                self._failed = False
                self.reason = Unavailable("the store does not answer") if self._stalled else None
                self._look()
                return
            self.reason = failure
            pause = min(pause * 2, LONGEST)

    def _look(self) -> None:
        self._announcer.say(not self._failed and not self._stalled)
