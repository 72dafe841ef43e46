"""Release: what a pause kept out of the lanes comes back once nothing holds it any more.

Rules kept here:
- page by page, each row under its version; nothing is held in memory, and doing it again changes nothing;
- what is released waits in the database like everything that no lane has room for, in its old order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from onesixty.core.message import HALTED, Message, from_row
from onesixty.dispatch.halts import Halts
from onesixty.store.contract import Store
from onesixty.store.units import StoreError, Unit

PAGE: Final = 500
#: Seconds before a round that the store refused is tried again.
RETRY: Final = 1.0


class Release:
    """Runs a round when it is asked to; asked while one is under way, it runs another one after that.

    `halts` gives what holds messages now; `waits` is told of each message that waits for its lane again."""

    def __init__(
        self, store: Store, halts: Callable[[], Halts | None], waits: Callable[[Message], None]
    ) -> None:
        self._store = store
        self._halts = halts
        self._waits = waits
        self._asked = False
        self._task: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("onesixty.dispatch")

    def want(self) -> None:
        """Something may be free to go."""
        self._asked = True
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Stop; a round under way may be left at any point."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            while self._asked:
                self._asked = False
                try:
                    await self.once()
                except StoreError as error:
                    self._log.warning("release_waits_for_store", reason=str(error))
                    self._asked = True
                    await asyncio.sleep(RETRY)
        except Exception:
            self._log.exception("release_failed")
        finally:
            self._task = None

    async def once(self) -> int:
        """One round over all that is kept out. Returns how many were released."""
        after, released = "", 0
        while rows := await self._store.fetch("messages_halted", claim=HALTED, after=after, count=PAGE):
            after = str(rows[-1][0])
            halts = self._halts()
            free = [m for m in map(from_row, rows) if halts is None or not halts.hold(m)]
            if free:
                released += await self._free(free)
            if len(rows) < PAGE:
                break
        return released

    async def _free(self, messages: list[Message]) -> int:
        results = await self._store.commit(
            [Unit(keys=(m.id,), guards=(("message_let_in", (m.id, m.version)),)) for m in messages]
        )
        for message, result in zip(messages, results, strict=True):
            if isinstance(result, StoreError):
                raise result
            if result is True:
                self._waits(message)
        return sum(result is True for result in results)
