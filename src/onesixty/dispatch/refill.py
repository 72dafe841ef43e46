"""Refill: brings rows that wait in the database into the lanes as room becomes free.

Rules kept here:
- classes and accounts take turns, so that one customer's million messages do not fill the memory. The one served last
  comes last. One with few messages left in the lane comes first, and even before the lane is half empty;
- within an account the order is priority, then id; new messages of an account stay out of the lane while older
  ones wait (Dispatcher.take);
- a row enters memory only by a claim under its version, so that no two nodes have it. Nothing can fail between the
  claim and the lane, because no part of the node would be responsible for the message then;
- a message that has nothing left to send, because its carrier's answer was found late, ends
  as sent and enters no lane.
"""

from __future__ import annotations

import asyncio

import structlog

from onesixty.core.message import Attempt, Message, from_row
from onesixty.dispatch.carrier_queue import CarrierQueue, Waiting
from onesixty.dispatch.lane import Item, Rest
from onesixty.kit.context import Context
from onesixty.messages import segments
from onesixty.messages.control import attempts_of
from onesixty.messages.evidence import Evidence
from onesixty.store.units import StoreError, Unit

#: Rows claimed at once, so that a refill never holds the store for long.
CHUNK = 500
#: Seconds until a refill that failed is tried again.
RETRY = 1.0


class Refill:
    """Fills lanes from rows, with one refill at a time for each queue."""

    def __init__(self, node: Context, evidence: Evidence) -> None:
        self._store = node.store
        self._lease = node.lease.id
        self._evidence = evidence
        self._tasks: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger("onesixty.dispatch")

    def want(self, queue: CarrierQueue) -> None:
        """Start a refill: the queue has room and rows wait for it."""
        if queue.refilling:
            return
        queue.refilling = True
        task = asyncio.get_running_loop().create_task(self._run(queue))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def discover(self, queue: CarrierQueue) -> None:
        """Find the classes and accounts with waiting rows, at start and for rows that other nodes left."""
        for class_, account_id in await self._store.fetch("waiting_of_carrier", carrier_id=queue.id):
            queue.waiting.setdefault((str(class_), str(account_id)), Waiting())

    async def _run(self, queue: CarrierQueue) -> None:
        try:
            await self.fill(queue)
        except StoreError as error:
            self._log.warning("refill_waits_for_store", carrier=queue.id, reason=str(error))
            self._again(queue)
        except Exception:
            self._log.exception("refill_failed", carrier=queue.id)
            self._again(queue)
        finally:
            queue.refilling = False

    def _again(self, queue: CarrierQueue) -> None:
        """Wake the queue later, because perhaps nothing else does."""
        asyncio.get_running_loop().call_later(RETRY, queue.wake)

    async def fill(self, queue: CarrierQueue) -> None:
        """One round of turns: over the classes and accounts that are `thirsty`, and over all
        if the lane is half empty."""
        lane = queue.lane
        thirsty = [key for key in queue.waiting if key in lane.thirsty]
        others = [key for key in queue.waiting if key not in lane.thirsty] if lane.half_empty else []
        again = False
        for key in (*thirsty, *others):
            room = min(lane.share(key), CHUNK)
            waiting = queue.waiting.get(key)
            if waiting is None or room <= 0:
                continue
            queue.waiting[key] = queue.waiting.pop(key)  # to the end: others come first next time
            noted, outstanding = waiting.noted, waiting.outstanding
            rows = await self._store.fetch(
                "waiting_messages", carrier_id=queue.id, class_=key[0], account_id=key[1], count=room
            )
            if rows:
                await self._claim(queue, [from_row(row) for row in rows])
            # Rows noted or inserted meanwhile could not start a refill, because this one was in progress.
            again = again or bool(rows) or (waiting.noted, waiting.outstanding) != (noted, outstanding)
            if len(rows) < room and outstanding == 0 and waiting.noted == noted:
                del queue.waiting[key]
                lane.forget(key)
            else:
                lane.watch(key)
        if again:
            queue.wake()

    async def _claim(self, queue: CarrierQueue, messages: list[Message]) -> None:
        parts = await attempts_of(self._store, messages)
        whole = {id_ for id_, attempts in parts.items() if segments.whole(attempts) is not None}
        for message in messages:
            if message.id in whole:
                await self._evidence.settle(message.id)
        messages = [m for m in messages if m.id not in whole]
        units = [
            Unit(keys=(m.id,), guards=(("message_claim", (m.id, m.version, self._lease)),)) for m in messages
        ]
        results = await self._store.commit(units)
        for message, result in zip(messages, results, strict=True):
            if result is not True:
                continue
            message.claim = self._lease
            message.version += 1
            item = Item(message)
            self._resume(item, parts.get(message.id, []), queue)
            queue.lane.put(item)
            queue.wake()

    def _resume(self, item: Item, attempts: list[Attempt], queue: CarrierQueue) -> None:
        """A long message of which the carrier took some segments continues with the rest, under its reference and
        with its sender."""
        found = segments.latest(attempts, queue.id)
        if found is not None:
            reference, missing = found
            item.rest = Rest(reference.number or 0, reference.segments, missing, reference.sender)
