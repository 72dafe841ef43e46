"""Batches: up to ten thousand orders of one call, accepted in chunks.

Rules kept here:
- a batch has a row before its first message. Intake accepts each message like any other (promise 1);
- the id of a message follows from the batch and its place in it. A batch can be cut off by a kill, or by a database
  that went away. The request that resumes it finds by these ids which messages exist, and adds the rest. The primary
  key makes a second copy impossible, even if two nodes resume at the same time (promise 6);
- an order that is refused does not stop the others. A store that cannot be written stops the batch;
- the event loop gets a turn between two chunks;
- a caller who hangs up changes nothing: a batch that has begun is finished.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final, Protocol

import msgspec

from onesixty.core import ids, statuses
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.core.message import Message, from_row
from onesixty.core.orders import Order, Replay
from onesixty.core.tenant import Reach, Tenant
from onesixty.kit.context import Context
from onesixty.messages.control import Control
from onesixty.messages.intake import Intake
from onesixty.store.unanswered import one_in_time
from onesixty.store.units import StoreError, Unit

MOST: Final = 10_000
#: Orders judged and committed at once: few enough not to block the event loop, enough to share an fsync.
CHUNK: Final = 100
#: How long after the time of a batch its id may be made, in ms. An id is never made before.
_LATE_MS: Final = 60_000


class Batch(msgspec.Struct, kw_only=True):
    """A row of `batches`. `done_at` is when the last of its `size` orders was accepted or refused. `scheduled_at` is
    the first time that an order names; None if none does."""

    id: str
    account_id: str
    test: bool
    size: int
    accepted: int = 0
    refused: int = 0
    created_at: int
    done_at: int | None = None
    canceled_at: int | None = None
    scheduled_at: int | None = None


class BatchFilters(msgspec.Struct, kw_only=True, frozen=True):
    """The filters of a list; None is no filter. Times are in epoch ms, the first inclusive."""

    state: str | None = None
    created_after: int | None = None
    created_before: int | None = None
    oldest_first: bool = False


class Accepted(msgspec.Struct):
    """The result of a batch, order by order."""

    batch: Batch
    results: list[Message | Problem]


class Count(msgspec.Struct):
    """How many messages of a batch have a status, with their segments and their price in micro-units."""

    status: str
    messages: int
    segments: int
    price: int
    currency: str
    last_done_at: int | None
    first_due_at: int | None


class Opening(Protocol):
    """The idempotency key of a batch, as the door keeps it."""

    @property
    def lock(self) -> str:
        """The lock that two requests with the same key share."""

    def open(self, reference: str) -> Write:
        """The guard that claims the key for the batch."""

    async def answered(self, accepted: Accepted) -> Write:
        """The write that stores the answer."""


class Batches:
    """Accepts, resumes, lists and cancels batches."""

    def __init__(self, node: Context, *, intake: Intake, control: Control) -> None:
        self._store, self._clock, self._ids = node.store, node.clock, node.ids
        self._intake = intake
        self._control = control
        #: The batches that this process is accepting now.
        self._running: dict[str, asyncio.Task[Accepted | None]] = {}

    # ------------------------------------------------------------ accepting

    async def accept(
        self,
        tenant: Tenant,
        orders: Sequence[Order | Problem],
        opening: Opening | None = None,
    ) -> Accepted | None:
        """Accept a new batch. Orders that are a Problem already stay one. None if another request has the key.

        Raises Problem `unavailable`. With a key, the same request again resumes the batch. Without
        a key, nothing was accepted.
        """
        now = self._clock.now_ms()
        batch = Batch(
            id=self._ids.new(ids.BATCH),
            account_id=tenant.account_id,
            test=tenant.test,
            size=len(orders),
            created_at=now,
            scheduled_at=_first_time(orders),
        )
        keys, guards = (batch.id,), ()
        if opening is not None:
            keys, guards = (batch.id, opening.lock), (opening.open(batch.id),)  # type: ignore[assignment]
        insert: Write = ("batch_insert", msgspec.structs.astuple(batch))
        opened = await one_in_time(self._store.commit([Unit(keys=keys, guards=guards, writes=(insert,))]))
        if opened is False:
            return None
        if isinstance(opened, StoreError):
            raise _unavailable()
        return await self._bring_to_end(batch, orders, opening, resumed=False)

    async def resume(
        self,
        batch_id: str,
        tenant: Tenant,
        orders: Sequence[Order | Problem],
        opening: Opening,
    ) -> Accepted | None:
        """Resume a batch that has no answer yet. None if it has one now. Raises as `accept` does."""
        running = self._running.get(batch_id)
        if running is not None:
            await asyncio.wait([running])
            return None
        batch = await self.get(tenant, batch_id)
        if batch.done_at is not None:
            return None
        return await self._bring_to_end(batch, orders, opening, resumed=True)

    async def _bring_to_end(
        self, batch: Batch, orders: Sequence[Order | Problem], opening: Opening | None, *, resumed: bool
    ) -> Accepted | None:
        task = asyncio.get_running_loop().create_task(self._run(batch, orders, opening, resumed=resumed))
        self._running[batch.id] = task
        task.add_done_callback(lambda done: self._ended(batch.id, done))
        return await asyncio.shield(task)

    def _ended(self, batch_id: str, task: asyncio.Task[Accepted | None]) -> None:
        self._running.pop(batch_id, None)
        if not task.cancelled():
            task.exception()  # marks it as retrieved: awaiting callers have it already

    async def _run(
        self, batch: Batch, orders: Sequence[Order | Problem], opening: Opening | None, *, resumed: bool
    ) -> Accepted | None:
        results: list[Message | Problem] = []
        stopped: Problem | None = None
        for start in range(0, len(orders), CHUNK):
            chunk = orders[start : start + CHUNK]
            if stopped is None:
                results += await self._chunk(batch, start, chunk, look=resumed)
                stopped = next((r for r in results[start:] if isinstance(r, Problem) and _passing(r)), None)
                await asyncio.sleep(0)
            else:
                results += [order if isinstance(order, Problem) else stopped for order in chunk]
        batch.accepted = sum(isinstance(result, Message) for result in results)
        batch.refused = batch.size - batch.accepted
        if stopped is not None and (opening is not None or not batch.accepted):
            raise _unavailable(batch if opening is not None else None)
        batch.done_at = self._clock.now_ms()
        accepted = Accepted(batch, results)
        return accepted if await self._finish(accepted, opening) else None

    async def _chunk(
        self, batch: Batch, start: int, chunk: Sequence[Order | Problem], *, look: bool
    ) -> list[Message | Problem]:
        results: list[Any] = list(chunk)
        places = [place for place, order in enumerate(chunk) if isinstance(order, Order)]
        for place in places:
            results[place].message_id = ids.derived(ids.MESSAGE, batch.id, start + place)
            results[place].batch_id = batch.id
        if look:
            there = await self._there([results[place].message_id for place in places])
            for place in places:
                results[place] = there.get(results[place].message_id, results[place])
            places = [place for place in places if isinstance(results[place], Order)]
            if batch.canceled_at is not None:
                for place in places:
                    results[place] = Problem("too_late", "The batch was canceled.")
                return results
        if not places:
            return results
        orders = [results[place] for place in places]
        outcomes = await self._intake.accept(orders)
        twins = [
            o.message_id for o, outcome in zip(orders, outcomes, strict=True) if isinstance(outcome, Replay)
        ]
        there = await self._there(twins) if twins else {}
        for place, order, outcome in zip(places, orders, outcomes, strict=True):
            results[place] = there.get(order.message_id) or outcome
        return results

    async def _there(self, message_ids: list[str]) -> dict[str, Message]:
        if not message_ids:
            return {}
        try:
            rows = await self._store.fetch("messages_by_id", ids=message_ids)
        except StoreError:
            raise _unavailable() from None
        return {message.id: message for message in map(from_row, rows)}

    async def _finish(self, accepted: Accepted, opening: Opening | None) -> bool:
        """Write the end of a batch, and its answer. False if another node did so first.

        Without a key, the caller gets the results even if this write fails.
        """
        batch = accepted.batch
        keys = (batch.id,) if opening is None else (batch.id, opening.lock)
        guard: Write = ("batch_finish", (batch.id, batch.accepted, batch.refused, batch.done_at))
        writes = () if opening is None else (await opening.answered(accepted),)
        finished = await one_in_time(self._store.commit([Unit(keys=keys, guards=(guard,), writes=writes)]))
        if isinstance(finished, StoreError) and opening is not None:
            raise _unavailable(batch)
        return finished is not False

    # ------------------------------------------------------------ reading and canceling

    async def get(self, tenant: Tenant, batch_id: str) -> Batch:
        """A batch. Raises Problem `not_found`."""
        rows = await self._store.fetch("batch_of_account", id=batch_id, **tenant.params)
        if not rows:
            raise Problem("not_found", "Batch not found.")
        return _batch(rows[0])

    async def counts(self, batch_id: str) -> list[Count]:
        """The messages of a batch, counted by status."""
        rows = await self._store.fetch("batch_counts", batch_id=batch_id)
        return [Count(row[0], int(row[1]), int(row[2]), int(row[3]), row[4], row[5], row[6]) for row in rows]

    async def find(
        self, reach: Tenant | Reach, filters: BatchFilters, limit: int, after: str | None
    ) -> tuple[list[Batch], str | None]:
        """Batches of one account or of all, and the cursor of the next page, which is None at the end."""
        above, below = ids.span(
            ids.BATCH,
            filters.created_after,
            filters.created_before,
            after,
            oldest_first=filters.oldest_first,
            late=_LATE_MS,
        )
        every = reach.account_id is None
        rows = await self._store.fetch(
            f"batches_list{'_all' if every else ''}{'_oldest' if filters.oldest_first else ''}",
            **({} if every else {"account_id": reach.account_id}),
            test=int(bool(reach.test)),
            above=above,
            below=below,
            state=filters.state,
            created_after=filters.created_after,
            created_before=filters.created_before,
            count=limit + 1,
        )
        found = [_batch(row) for row in rows[:limit]]
        return found, found[-1].id if len(rows) > limit else None

    async def cancel(self, tenant: Tenant, batch_id: str) -> tuple[Batch, int]:
        """Cancel the messages of a batch that no carrier has taken. Returns their number
        too. Raises Problem `not_found`.

        If this process is still accepting the batch, it finishes first. A batch that was cut off stays cut off.
        """
        running = self._running.get(batch_id)
        batch = await self.get(tenant, batch_id)
        await self._store.execute("batch_cancel", id=batch_id, canceled_at=self._clock.now_ms())
        if running is not None:
            await asyncio.wait([running])
        canceled, after = 0, ""
        while rows := await self._store.fetch("batch_waiting", batch_id=batch_id, after=after, count=CHUNK):
            after = rows[-1][0]
            ends = await asyncio.gather(
                *(self._control.cancel(tenant, row[0]) for row in rows), return_exceptions=True
            )
            for end in ends:
                if isinstance(end, BaseException) and not (
                    isinstance(end, Problem) and end.code == "too_late"
                ):
                    raise end
                canceled += isinstance(end, Message) and end.status == statuses.CANCELED
        batch = await self.get(tenant, batch_id)
        return batch, canceled


def _batch(row: tuple[Any, ...]) -> Batch:
    batch = Batch(**dict(zip(Batch.__struct_fields__, row, strict=True)))
    batch.test = bool(batch.test)
    return batch


def _first_time(orders: Sequence[Order | Problem]) -> int | None:
    """The first time that an order names."""
    times = (order.scheduled_at for order in orders if isinstance(order, Order))
    return min((at for at in times if at is not None), default=None)


def _passing(problem: Problem) -> bool:
    """Whether the store caused the problem, and not intake."""
    return problem.code == "unavailable"


def _unavailable(batch: Batch | None = None) -> Problem:
    if batch is None:
        return Problem("unavailable", "The store is unavailable. Retry in a moment.", retry_after=1)
    return Problem(
        "unavailable",
        "Not all of the batch could be stored. Repeat the request with the same Idempotency-Key.",
        retry_after=1,
        extra={"batch_id": batch.id},
    )
