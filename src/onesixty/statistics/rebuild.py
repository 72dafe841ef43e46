"""The rebuild: all boxes are counted anew from the messages, in pages, while the node works.

Rules kept here:
- boxes that begin before the messages that are kept are closed, and those of a day after that, whose messages may
  be removed while the rebuild runs: they stay as they are, and so does what their messages counted as;
- an upgrade asks for it if something is counted that was not before; people do by `POST /v1/reports/rebuild`;
- clearing, forgetting and building are phases of the state. Each page is a transaction with the place that it
  reached, so a rebuild goes on after a crash, on any node;
- while it runs, the figures are incomplete, and reports say so;
- pages are small, with a pause after each as long as the page took.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
import structlog

from onesixty.core import ids
from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.statistics.counter import (
    ASKED,
    BUILDING,
    CLEARING,
    COUNTING,
    FORGETTING,
    STRETCH,
    Claims,
    Counter,
    State,
)
from onesixty.statistics.counting import DAY, MINUTE_MS, Found, Tally
from onesixty.store.contract import Store

#: Messages, and rows of messages that may still change, in one page; and owners of boxes.
PAGE: Final = 2000
SERIES: Final = 50
#: Seconds for which a round goes on, so that new messages are counted in between.
ROUND: Final = 1.0
#: The most by which the times in a message's id and in its row differ.
SLACK_MS: Final = 600_000
#: How often a request to rebuild tries again while the counting writes.
TRIES: Final = 50

#: How long before their messages are removed boxes are closed.
MARGIN_MS: Final = 86_400_000

_messages_of = msgspec.json.Decoder(list[Found]).decode


class Rebuild:
    """Rebuilds the boxes, in the rounds of the counter."""

    def __init__(
        self,
        store: Store,
        counter: Counter,
        *,
        clock: Clock,
        lease: Claims,
        page: int = PAGE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._counter = counter
        self._clock = clock
        self._lease = lease
        self._page = page
        self._sleep = sleep
        self._log = structlog.get_logger("onesixty.statistics")

    async def begin(self) -> None:
        """Ask for a rebuild: the node that counts begins with its next round. Raises Problem, StoreError."""
        for _ in range(TRIES):
            ((*row,),) = await self._store.fetch("statistics_state")
            if await self._counter.write(_begun(row), 0, Tally(), ()):
                return
        raise Problem("unavailable", "The figures are being written. Try again.", retry_after=1)

    async def once(self) -> None:
        """Do a part of a rebuild, if one runs. Raises StoreError."""
        until = self._clock.monotonic() + ROUND
        while self._clock.monotonic() < until:
            began = self._clock.monotonic()
            if not await self._step():
                return
            await self._sleep(self._clock.monotonic() - began)

    async def _step(self) -> bool:
        """One page. Returns whether there is more to do."""
        ((*row,),) = await self._store.fetch("statistics_state")
        state = State.of(tuple(row))
        lease = self._lease.claim()
        if state.phase == COUNTING or not lease:
            return False
        if state.phase == ASKED:
            return await self._counter.write(_begun(row), lease, Tally(), ())
        if state.phase == CLEARING:
            return await self._clear(state, lease)
        if state.phase == FORGETTING:
            return await self._forget(state, lease)
        return await self._build(state.reached, lease)

    async def _clear(self, state: State, lease: int) -> bool:
        first = int(state.reached)
        last = first + SERIES - 1
        bounds = (first, last, state.closed)
        more = last + 1 < state.next_series
        now = state._replace(reached=str(last + 1)) if more else state._replace(phase=FORGETTING, reached="")
        writes: list[Write] = [("statistics_boxes_clear", bounds), ("statistics_times_clear", bounds)]
        return await self._counter.write(now, lease, Tally(), writes)

    async def _forget(self, state: State, lease: int) -> bool:
        after = max(state.reached, self._first(state))
        ((count, last),) = await self._store.fetch("statistics_open_page", after=after, count=self._page)
        if not count:
            now = state._replace(phase=BUILDING, reached=self._first(state))
            return await self._counter.write(now, lease, Tally(), ())
        write: Write = ("statistics_open_clear", (after, last, state.closed * MINUTE_MS))
        return await self._counter.write(state._replace(reached=last), lease, Tally(), [write])

    async def _build(self, reached: str, lease: int) -> bool:
        ((*front, count, last, messages),) = await self._store.fetch(
            "statistics_page", after=reached, count=self._page
        )
        state = State.of(tuple(front))
        if state.phase != BUILDING or state.reached != reached:
            return True
        tally, writes = Tally(), list[Write]()
        for place, message in enumerate(_messages_of(messages)):
            if place % STRETCH == STRETCH - 1:
                await asyncio.sleep(0)
            if message.created_at >= state.closed * MINUTE_MS:
                self._counter.build(tally, message, writes)
        if count < self._page:
            state = state._replace(phase=COUNTING, reached="")
            self._log.info("statistics_built")
        else:
            state = state._replace(reached=last)
        return await self._counter.write(state, lease, tally, writes)

    @staticmethod
    def _first(state: State) -> str:
        """The id before that of the first message of open boxes."""
        return ids.lowest_at(ids.MESSAGE, state.closed * MINUTE_MS - SLACK_MS) if state.closed else ""


def _begun(row: list[Any]) -> State:
    """The state with which a rebuild begins; `row` is that of `statistics_state`."""
    return State.of(tuple(row))._replace(phase=CLEARING, reached="0", closed=_closed(row[-1]))


def _closed(messages_from: str | None) -> int:
    """The first minute of the boxes that a rebuild may fill, with which a box of a day begins; `messages_from` is the
    digits of a message's id."""
    if not messages_from:
        return 0
    minute = -(-(ids.made_at(f"_{messages_from}") + MARGIN_MS) // MINUTE_MS)
    return -(-minute // DAY) * DAY
