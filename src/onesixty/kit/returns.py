"""Tasks that nobody has to wait for: what a node holds of something shared goes back to the database.

Rules kept here:
- a task is kept until it is done, because the loop itself keeps only weak references;
- if the store fails it, that is logged. What did not go back is found by other means.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

import structlog

from onesixty.store.units import StoreError


class Returns:
    """The tasks of one part of a node. `event` is what its log says of a failed one."""

    def __init__(self, log: str, event: str) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger(log)
        self._event = event

    def start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Start a task."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def done(self) -> None:
        """Wait for all tasks."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and isinstance(task.exception(), StoreError):
            self._log.warning(self._event, reason=str(task.exception()))
