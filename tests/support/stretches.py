"""How long a step of the event loop keeps everything else waiting.

Measured in CPU time of the loop's thread, so that other work on the machine does not count. What a step waits for the
disk is not counted either: the tests ask what the code computes in one go. The collector of garbage is left out: its
pauses are those of whatever the whole test session holds.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from collections.abc import Iterator
from typing import Any


class Stretches:
    """The longest step so far, and what it was."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.what = ""

    @property
    def milliseconds(self) -> float:
        return self.longest * 1000


@contextlib.contextmanager
def measured() -> Iterator[Stretches]:
    """Measures every step of asyncio's own loop meanwhile."""
    found = Stretches()
    run = asyncio.Handle._run

    def timed(handle: Any) -> None:
        started = time.thread_time()
        run(handle)
        took = time.thread_time() - started
        if took > found.longest:
            found.longest, found.what = took, repr(handle)

    collects = gc.isenabled()
    gc.disable()
    asyncio.Handle._run = timed  # type: ignore[method-assign]
    try:
        yield found
    finally:
        asyncio.Handle._run = run  # type: ignore[method-assign]
        if collects:
            gc.enable()
