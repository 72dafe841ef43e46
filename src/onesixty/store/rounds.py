"""A task that repeats some work at intervals while the database can be written; it can be started and stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from onesixty.store.contract import Store
from onesixty.store.units import StoreError


class Rounds:
    """Awaits `once` every `interval` seconds. An error is logged under `name`, and the next round follows."""

    def __init__(
        self,
        store: Store,
        name: str,
        interval: float,
        once: Callable[[], Awaitable[None]],
        *,
        at_once: bool = False,
    ) -> None:
        """`at_once`: the first round runs at the start, not one interval later."""
        self._store = store
        self._name = name
        self._interval = interval
        self._once = once
        self._at_once = at_once
        self._task: asyncio.Task[None] | None = None
        self._log = structlog.get_logger(f"onesixty.{name}")

    def start(self) -> None:
        """Start the rounds."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Stop the rounds. A round that is running is cancelled."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        if not self._at_once:
            await asyncio.sleep(self._interval)
        while True:
            try:
                if self._store.healthy:
                    await self._once()
            except StoreError as error:
                self._log.warning(f"{self._name}_waits_for_store", reason=str(error))
            except Exception:
                self._log.exception(f"{self._name}_failed")
            await asyncio.sleep(self._interval)
