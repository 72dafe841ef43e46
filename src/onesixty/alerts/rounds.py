"""Something done again and again while the database can be written, as a task that can be started and stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from onesixty.store.contract import Store
from onesixty.store.units import StoreError


class Rounds:
    """Awaits `once` every `interval` seconds. What goes wrong is logged under `name`, and the next round comes."""

    def __init__(self, store: Store, name: str, interval: float, once: Callable[[], Awaitable[None]]) -> None:
        self._store = store
        self._name = name
        self._interval = interval
        self._once = once
        self._task: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("onesixty.alerts")

    def start(self) -> None:
        """Begin; the first round comes after one interval."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Stop; a round under way is abandoned."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            try:
                if self._store.healthy:
                    await self._once()
            except StoreError as error:
                self._log.warning(f"{self._name}_wait_for_store", reason=str(error))
            except Exception:
                self._log.exception(f"{self._name}_failed")
