"""Sets aside in the database what pauses keep out of the lanes: messages of a paused account, sender, route
or country.

Rules kept here:
- a message is set aside when it would enter a lane, or when its turn comes there; no other message waits for it;
- a message of which a carrier took some segments is finished first;
- messages that no pause holds any more are let in page by page, each row under its version, so that repeating it
  changes nothing. They then wait in the database in their old order, like all messages that have no room in a lane;
- a pause may end while a message is being written as set aside. Such a message is let in as well.
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
#: Seconds until a round that the store refused is tried again.
RETRY: Final = 1.0


class HeldOut:
    """`halts` is what is paused now, or None: a message that no pause concerns costs only this look."""

    def __init__(self, node: Context, journal: Journal, queues: CarrierQueues) -> None:
        self.halts: Halts | None = None
        self._store, self._clock = node.store, node.clock
        self._journal = journal
        self._queues = queues
        self._asked = False
        self._task: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("onesixty.dispatch")

    # ------------------------------------------------------------ setting aside

    def holds(self, message: Message) -> bool:
        """Whether a pause keeps the message out of the lanes."""
        return self.halts is not None and self.halts.hold(message)

    def takes(self, item: Item) -> bool:
        """Set the item aside whose turn it is, if a pause holds it."""
        if item.partly_taken or not self.holds(item.message):
            return False
        change = changes.touch(item.message, self._clock.now_ms())
        change.after.claim = HALTED
        unit = self._journal.recorder.change(change)
        self._journal.add(Record(unit, functools.partial(self.arrived, change.after)))
        return True

    def arrived(self, message: Message) -> None:
        """Note that the message is on disk as HALTED."""
        if not self.holds(message):
            self.let_in()

    # ------------------------------------------------------------ letting in

    def let_in(self) -> None:
        """Start a round over all messages that are set aside, or another one after the round in progress. Call it
        when a pause may have ended."""
        self._asked = True
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Stop. A round in progress may be cut off at any point."""
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
        """Run one round over all messages that are set aside. Returns how many were let in."""
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
