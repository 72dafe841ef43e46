"""What pauses keep out of the lanes: messages of a paused account, sender or route, set aside in the database.

Rules kept here:
- a message is set aside when it would enter a lane, or when it has its turn there; nobody else waits for it;
- what a carrier has a part of is finished first;
- what nothing holds any more is let in page by page, each row under its version; doing it again changes nothing. It
  waits in the database like everything that no lane has room for, in its old order;
- a pause may end while a message is just being written as set aside: then it is let in as well.
"""

from __future__ import annotations

import asyncio
import functools
from typing import Final

import structlog

from onesixty.core.message import HALTED, Message, from_row
from onesixty.dispatch.carrier_queue import CarrierQueues
from onesixty.dispatch.halts import Halts
from onesixty.dispatch.journal import Journal, Record
from onesixty.dispatch.lane import Item
from onesixty.kit.context import Context
from onesixty.messages import changes
from onesixty.store.units import StoreError, Unit

PAGE: Final = 500
#: Seconds before a round that the store refused is tried again.
RETRY: Final = 1.0


class HeldOut:
    """`halts` is what is paused now, None when nothing is: the one look that a plain message costs."""

    def __init__(self, node: Context, journal: Journal, queues: CarrierQueues) -> None:
        self.halts: Halts | None = None
        self._store, self._clock = node.store, node.clock
        self._journal = journal
        self._queues = queues
        self._asked = False
        self._task: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("onesixty.dispatch")

    # ------------------------------------------------------------ out

    def holds(self, message: Message) -> bool:
        """Whether a pause keeps the message out of the lanes."""
        return self.halts is not None and self.halts.hold(message)

    def takes(self, item: Item) -> bool:
        """Set the item aside that has its turn, if a pause holds it."""
        if item.partly_taken or not self.holds(item.message):
            return False
        change = changes.touch(item.message, self._clock.now_ms())
        change.after.claim = HALTED
        unit = self._journal.recorder.change(change)
        self._journal.add(Record(unit, functools.partial(self.arrived, change.after)))
        return True

    def arrived(self, message: Message) -> None:
        """The message is on disk as HALTED."""
        if not self.holds(message):
            self.let_in()

    # ------------------------------------------------------------ in again

    def let_in(self) -> None:
        """Something may be free to go: run a round over all that is kept out, and another one if one is under way."""
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
        """One round over all that is kept out. Returns how many were let in."""
        after, released = "", 0
        while rows := await self._store.fetch("messages_halted", claim=HALTED, after=after, count=PAGE):
            after = str(rows[-1][0])
            free = [message for message in map(from_row, rows) if not self.holds(message)]
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
                self._queues.waits(message)
        return sum(result is True for result in results)
