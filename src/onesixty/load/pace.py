"""Wakes an event loop at fixed times, for loads with a rate.

A thread keeps the time, because the loop's timers are only exact to a millisecond, and a fast answer takes less.
The thread does not wait for the loop: a late loop finds everything that became due in the meantime.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Final

_SHORTEST: Final = 0.001  # seconds between two calls, at any rate


class Pace:
    """Calls `due` in `loop` at `started` and each `interval` after it, on the monotonic clock, until `stop`."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, due: Callable[[], None], *, started: float, rate: float
    ) -> None:
        self._loop = loop
        self._due = due
        self._started = started
        self._interval = max(1 / rate, _SHORTEST)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pace", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread. Calls that it scheduled before may still happen."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            beats = (time.monotonic() - self._started) // self._interval + 1
            at = self._started + beats * self._interval
            if self._stopped.wait(max(at - time.monotonic(), 0)):
                return
            self._loop.call_soon_threadsafe(self._due)
