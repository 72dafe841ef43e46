"""The results of work, on their way into the rows.

Rules kept here:
- results are collected for some milliseconds, because nothing waits for them and a commit costs more than they do.
  After a crash within that time this work is done again;
- results of different rows share a unit, which costs less than one each. Two results of one row are in two units,
  which keep their order;
- a result is kept until it is written. If the store could not write it now, it is written again, in order. If the
  store refused a unit as bad, each of its results is tried alone, and the bad one is logged and dropped; its claim
  then ends with the lease.
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
_LINGER: Final = 0.05
_ENOUGH: Final = 200

#: The most results in a unit: the store limits a transaction by its units, not by their rows.
_MOST_OF_UNIT: Final = 20

#: Seconds until results that could not be written are tried again.
_AGAIN: Final = 0.5


class Results:
    """Collects results and commits them in batches."""

    def __init__(self, store: Store, hit: Callable[[str], None] = no_fault) -> None:
        self._store = store
        self._hit = hit
        self._writes: list[tuple[str, Write]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._open = 0
        self._settled = asyncio.Event()
        self._settled.set()
        self._log = structlog.get_logger("onesixty.work")

    def add(self, key: str, write: Write) -> None:
        """Write this soon. Writes to the same row have the same key."""
        self._writes.append((key, write))
        self._schedule()

    def add_all(self, writes: Iterable[tuple[str, Write]]) -> None:
        """Write these soon, each under its key."""
        self._writes.extend(writes)
        self._schedule()

    async def drain(self, deadline: float) -> None:
        """Wait up to `deadline` seconds until all results are written. Ends at once while the store cannot write."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(deadline):
                while (self._writes or self._open) and self._store.healthy:
                    self._flush()
                    await self._settled.wait()
        if self._writes or self._open:
            self._log.warning("work_results_unwritten", count=len(self._writes))

    def _schedule(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_LINGER, self._flush)
        elif len(self._writes) >= _ENOUGH:
            self._timer.cancel()
            self._timer = asyncio.get_running_loop().call_later(0, self._flush)

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._writes:
            return
        writes, self._writes = self._writes, []
        self._commit(units_of(writes))

    def _commit(self, units: list[Unit]) -> None:
        self._open += 1
        self._settled.clear()
        self._store.commit(units).add_done_callback(lambda done: self._written(units, done))

    def _written(self, units: list[Unit], done: asyncio.Future[list[Result]]) -> None:
        self._hit("work.after_result")
        self._open -= 1
        again: list[tuple[str, Write]] = []
        alone: list[Unit] = []
        for unit, result in zip(units, done.result(), strict=True):
            if not isinstance(result, StoreError):
                continue
            writes = zip(unit.keys, unit.writes, strict=True)
            if not isinstance(result, Poisoned):
                again += writes
            elif len(unit.keys) > 1:
                alone += [Unit(keys=(key,), writes=(write,)) for key, write in writes]
            else:
                self._log.error("work_result_refused", key=unit.keys[0], error=str(result))
        if alone:
            self._commit(alone)
        if again:
            self._writes = again + self._writes
            if self._timer is not None:
                self._timer.cancel()
            self._timer = asyncio.get_running_loop().call_later(_AGAIN, self._flush)
        if self._open == 0:
            self._settled.set()


def units_of(writes: Iterable[tuple[str, Write]]) -> list[Unit]:
    """Put writes into few units: a key is only once in each."""
    units = []
    together: dict[str, Write] = {}
    for key, write in writes:
        if key in together or len(together) == _MOST_OF_UNIT:
            units.append(Unit(keys=tuple(together), writes=tuple(together.values())))
            together = {}
        together[key] = write
    units.append(Unit(keys=tuple(together), writes=tuple(together.values())))
    return units
