"""The results of work, on their way into the rows.

Rules kept here:
- results are collected for a few milliseconds, because nothing waits for them and a commit costs more than they do.
  Each is a separate unit for its row. After a crash within that time this work is done again;
- a result is kept until it is written. If the store could not write it now, it is written again, in order. If the
  store refused it as bad, it is logged and dropped; the claim then ends with the lease.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from onesixty.store.contract import Store, no_fault
from onesixty.store.units import Poisoned, Result, StoreError, Unit, Write

#: Seconds for which results are collected, and how many results are written sooner.
_LINGER: Final = 0.005
_ENOUGH: Final = 200

#: Seconds until results that could not be written are tried again.
_AGAIN: Final = 0.5


class Results:
    """Collects results and commits them in batches."""

    def __init__(self, store: Store, hit: Callable[[str], None] = no_fault) -> None:
        self._store = store
        self._hit = hit
        self._units: list[Unit] = []
        self._timer: asyncio.TimerHandle | None = None
        self._open = 0
        self._settled = asyncio.Event()
        self._settled.set()
        self._log = structlog.get_logger("onesixty.work")

    def add(self, key: str, write: Write) -> None:
        """Write this soon."""
        self._units.append(Unit(keys=(key,), writes=(write,)))
        self._schedule()

    def add_all(self, writes: Iterable[tuple[str, Write]]) -> None:
        """Write these soon, each in a unit under its key."""
        self._units.extend(Unit(keys=(key,), writes=(write,)) for key, write in writes)
        self._schedule()

    async def drain(self, deadline: float) -> None:
        """Wait up to `deadline` seconds until all results are written. Ends at once while the store cannot write."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(deadline):
                while (self._units or self._open) and self._store.healthy:
                    self._flush()
                    await self._settled.wait()
        if self._units or self._open:
            self._log.warning("work_results_unwritten", count=len(self._units))

    def _schedule(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_LINGER, self._flush)
        elif len(self._units) >= _ENOUGH:
            self._timer.cancel()
            self._timer = asyncio.get_running_loop().call_later(0, self._flush)

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._units:
            return
        units, self._units = self._units, []
        self._open += 1
        self._settled.clear()
        self._store.commit(units).add_done_callback(lambda done: self._written(units, done))

    def _written(self, units: list[Unit], done: asyncio.Future[list[Result]]) -> None:
        self._hit("work.after_result")
        self._open -= 1
        if self._open == 0:
            self._settled.set()
        again: list[Unit] = []
        for unit, result in zip(units, done.result(), strict=True):
            if isinstance(result, Poisoned):
                self._log.error("work_result_refused", key=unit.keys[0], error=str(result))
            elif isinstance(result, StoreError):
                again.append(unit)
        if again:
            self._units = again + self._units
            if self._timer is not None:
                self._timer.cancel()
            self._timer = asyncio.get_running_loop().call_later(_AGAIN, self._flush)
