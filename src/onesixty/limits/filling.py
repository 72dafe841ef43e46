"""Asks the database for what the meters of a node lack: slices of days and months, counts of rows, shares of rates.

Rules kept here:
- one task for each counter at a time, whoever waits for it;
- a database that does not answer refuses messages (`unavailable`): a limit is never passed because it cannot be read;
- what a node does not use of a slice goes back: after some seconds, when its period ends, when the limit changes, and
  at a stop. After a crash it is lost for its period.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from typing import Final, Protocol

import structlog

from onesixty.core import statuses
from onesixty.core.clock import Clock
from onesixty.kit.returns import Returns
from onesixty.limits.counters import IDLE, TOLERANCE, Count, Stock, part
from onesixty.limits.meter import SEGMENTS, Meter
from onesixty.limits.periods import Period
from onesixty.limits.rows import LimitRows, Share
from onesixty.store.units import StoreError

#: How often a slice is tried against other nodes' slices.
TRIES: Final = 8

#: What counts the messages of accounts that have a status.
_STATEMENTS: Final = {statuses.QUEUED: "limit_waiting", statuses.SCHEDULED: "limit_scheduled"}


class Shared(Protocol):
    """A rate that nodes divide."""

    limit: int
    used: int

    @property
    def share(self) -> float:
        """What this node may take of it."""

    @share.setter
    def share(self, share: float) -> None: ...

    def fill(self) -> None:
        """Begin with a full bucket."""


class Divided(Protocol):
    """What has such rates: a meter, or one rate alone."""

    def rates(self) -> Iterator[tuple[str, Shared]]:
        """Its rates, with the names under which nodes divide them."""

    def divide(self, nodes: int) -> None:
        """Until the nodes have divided the rates, take only what each may be off."""


class Filling:
    """The tasks of one node. `several`: other nodes may count for the same limits."""

    def __init__(self, rows: LimitRows, clock: Clock, *, several: bool) -> None:
        self._rows = rows
        self._clock = clock
        self._several = several
        self._nodes = 1
        self._running: dict[Count | Stock, asyncio.Task[None]] = {}
        self._returns = Returns("onesixty.limits", "limit_not_returned")
        #: What this node has of each rate by right, in thousandths a second.
        self._granted: dict[str, int] = {}
        self._dividing: asyncio.Task[None] | None = None
        self._undivided: set[Divided] = set()
        #: Held while rates are divided or given back: a share that is given back is not set again by a division that
        #: began before.
        self._shares = asyncio.Lock()
        self._freed: set[Divided] = set()
        #: When each rate was divided last: a newcomer is divided alone, and the others count on.
        self._divided_at: dict[str, float] = {}
        self._log = structlog.get_logger("onesixty.limits")

    # ------------------------------------------------------------ meters come and go

    def enter(self, meter: Divided) -> None:
        """A new meter."""
        if self._several and any(True for _ in meter.rates()):
            meter.divide(self._nodes)
            self._undivided.add(meter)
            self._divide_soon()

    def free(self, rates: Divided) -> None:
        """Give back this node's shares of rates that are not used any more."""
        self._undivided.discard(rates)
        if self._several:
            self._freed.add(rates)
            self._returns.start(self._free(rates))

    async def _free(self, rates: Divided) -> None:
        async with self._shares:
            self._freed.discard(rates)
            for subject, _ in rates.rates():
                self._divided_at.pop(subject, None)
                if self._granted.pop(subject, None) is not None:
                    await self._rows.free_share(subject)

    def leave(self, meter: Meter) -> None:
        """A meter whose limits changed or are gone: what it has left goes back."""
        self._undivided.discard(meter)
        for count in meter.counts:
            self._return(meter, count, count.period)

    # ------------------------------------------------------------ what messages wait for

    def tasks(self, meter: Meter, needs: Mapping[str, int]) -> list[asyncio.Task[None]]:
        """The tasks to await before a meter can answer for so many messages (key empty), by status."""
        found: list[asyncio.Task[None]] = []
        now, now_ms = self._clock.monotonic(), self._clock.now_ms()
        if meter in self._undivided:
            found.append(self._divide_soon())
        for count in meter.counts:
            self._come_to(meter, count, now_ms)
            if count.lacks(needs[""], now):
                found.append(self._run(count, self._fill(meter, count, needs[""])))
        for status, stock in meter.stocks.items():
            need = needs.get(status, 0)
            if need and stock.lacks(need, now):
                found.append(self._run(stock, self._count(meter, stock, status, need)))
        return found

    def give_up(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        """The callers of tasks that are not done wait no longer."""
        now = self._clock.monotonic()
        for counter, task in self._running.items():
            if task in tasks:
                counter.rest("unavailable", now)

    def _run(self, counter: Count | Stock, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        running = self._running.get(counter)
        if running is not None:
            work.close()
            return running
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(self._guarded(counter, work))
        self._running[counter] = task
        return task

    async def _guarded(self, counter: Count | Stock, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except StoreError as error:
            counter.rest("unavailable", self._clock.monotonic())
            self._log.warning("limit_not_read", reason=str(error))
        except Exception:
            counter.rest("unavailable", self._clock.monotonic())
            self._log.exception("limit_failed")
        finally:
            self._running.pop(counter, None)

    async def _fill(self, meter: Meter, count: Count, need: int) -> None:
        period = count.period
        size = count.next_size(self._clock.monotonic(), self._nodes, several=self._several)
        for _ in range(TRIES):
            taken = await self._rows.used(meter.subject, period)
            count.note(taken)
            room = count.limit - taken
            lacking = need - count.left
            amount = min(room, max(lacking, size))
            if amount <= 0:
                break
            if await self._rows.take(meter.subject, period, amount, count.limit):
                if count.period is not period:  # the period ended meanwhile
                    await self._rows.give_back(meter.subject, period, amount)
                    return
                count.left += amount
                count.note(taken + amount)
                if amount < lacking:
                    break
                return
        count.rest("full", self._clock.monotonic())

    async def _count(self, meter: Meter, stock: Stock, status: str, need: int) -> None:
        began = self._clock.monotonic()
        stock.begin_count()
        counted = await self.counted(meter, status)
        now = self._clock.monotonic()
        stock.end_count(counted, self._nodes, need, now, several=self._several)
        if stock.room < need:
            stock.rest("full", now, now - began)

    # ------------------------------------------------------------ what is used

    async def used(self, meter: Meter, count: Count) -> int:
        """The messages of a period so far, less what this node has taken ahead. Raises StoreError."""
        self._come_to(meter, count, self._clock.now_ms())
        taken = await self._rows.used(meter.subject, count.period)
        count.note(taken)
        return max(0, taken - count.left)

    async def counted(self, meter: Meter, status: str) -> int:
        """The messages that have a status now. Raises StoreError."""
        if meter.granted:
            return await self._rows.count_of(meter.subject, status)
        return await self._rows.count(_STATEMENTS[status], meter.accounts)

    # ------------------------------------------------------------ giving back

    async def once(self, meters: Iterable[Meter]) -> None:
        """Give back what is not used."""
        now, now_ms = self._clock.monotonic(), self._clock.now_ms()
        for meter in list(meters):
            for count in meter.counts:
                if self._come_to(meter, count, now_ms):
                    continue
                if count in self._running:
                    continue
                if now - count.used_at > IDLE:
                    self._return(meter, count, count.period)
                elif self._several:  # what was taken for messages that another limit refused
                    self._return(meter, count, count.period, part(count.limit, self._nodes))

    async def stop(self, meters: Iterable[Meter]) -> None:
        """Give everything back."""
        for meter in list(meters):
            self.leave(meter)
        await self._returns.done()

    def _come_to(self, meter: Meter, count: Count, now_ms: int) -> bool:
        """Come to the period of a time, and give back what is left of the one before. Returns whether it is another
        one."""
        ended = count.at(now_ms)
        if ended is not None:
            self._return(meter, count, ended)
        return ended is not None

    def _return(self, meter: Meter, count: Count, period: Period, keep: int = 0) -> None:
        amount = count.left - keep
        if amount > 0:
            count.left = keep
            self._returns.start(self._rows.give_back(meter.subject, period, amount))

    # ------------------------------------------------------------ dividing rates

    def _divide_soon(self) -> asyncio.Task[None]:
        if self._dividing is None or self._dividing.done():
            self._dividing = self._returns.start(self.divide(tuple(self._undivided)))
        return self._dividing

    async def divide(self, meters: Iterable[Divided]) -> None:
        """Divide the rates between the nodes, by what each used since the last time. Raises StoreError."""
        if not self._several:
            return
        async with self._shares:
            await self._divide_all([meter for meter in meters if meter not in self._freed])

    async def _divide_all(self, meters: Sequence[Divided]) -> None:
        for meter in meters:
            self._undivided.discard(meter)
        self._nodes = await self._rows.nodes()
        shares = await self._rows.shares()
        now = self._clock.monotonic()
        for meter in meters:
            for subject, rate in meter.rates():
                since = self._divided_at.get(subject)
                used = 0 if since is None else max(0, int(rate.used / max(0.05, now - since) * 1000))
                self._divided_at[subject] = now
                rate.used = 0
                await self._divide(subject, rate, used, shares.get(subject, ()))

    async def _divide(self, subject: str, rate: Shared, used: int, shares: Sequence[Share]) -> None:
        most, nodes, lease = rate.limit * 1000, self._nodes, self._rows.lease_id
        used_elsewhere = sum(one.used for one in shares if one.lease != lease)
        elsewhere = sum(one.share for one in shares if one.lease != lease)
        free = most // (TOLERANCE * nodes) if nodes > 1 else 0  # each node has this beside its share
        some = max(1, most // 100)  # so that a node without traffic keeps a way to begin
        target = most * (used + some) // (used + used_elsewhere + some * nodes)
        share = max(0, min(target, most - elsewhere))
        first = subject not in self._granted
        granted = self._granted.get(subject, 0)
        if share < granted:  # use less before the others may use more
            self._granted[subject] = share
            rate.share = (share + free) / 1000
        stands = Share(lease, share, used) in shares  # the row says it already
        if stands or await self._rows.set_share(subject, share, used, most):
            self._granted[subject] = share
        rate.share = (self._granted.get(subject, 0) + free) / 1000
        if first and subject.endswith(SEGMENTS):  # nothing was taken before
            rate.fill()
