"""What happens when: the acts of all features on one timeline, and how time passes between them.

Rules kept here:
- an act is a coroutine that begins at its time; acts of one time begin in the order in which they were added;
- an act that fails ends the demonstration: what a feature does has to be allowed;
- after each act time passes finely for a moment, because messages are on their way; then in larger and larger steps;
- traffic comes in bursts, as that of real customers does, so that time between them passes quickly;
- all chance is the week's own `random`, so that a seed always gives the same weeks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Final, NamedTuple

from onesixty.core import times
from onesixty.demo.api import Api
from onesixty.demo.cast import Cast
from onesixty.demo.clock import FINE, SteppedTime
from onesixty.demo.hooks import Hooks

DAY: Final = 86_400.0
HOUR: Final = 3_600.0
#: Whole days of traffic before today, and days before them in which the platform was set up.
DAYS: Final = 7
BEFORE: Final = 14

#: For how long time passes in which steps after an act, in seconds: messages reach carriers and handsets.
_PACE: Final = ((0.7, FINE), (12.0, 3.0), (60.0, 24.0))
#: The steps of a watched span, and of a day without acts.
_WATCHED: Final = 7.5
_LONGEST: Final = 7_200.0
#: Bursts of traffic in a day, and the seconds over which one is spread.
BURSTS: Final = 32
SPREAD: Final = 1.2

Run = Callable[[], Awaitable[object]]


class _Act(NamedTuple):
    at: float
    number: int
    run: Run


class Week:
    """The timeline. Times are seconds after the beginning of the first day of traffic; negative ones are before it.

    `api` calls with the operator's key. `cast` and `hooks` are filled by the features.
    """

    def __init__(
        self,
        clock: SteppedTime,
        api: Api,
        hooks: Hooks,
        cast: Cast,
        *,
        start_ms: int,
        end_ms: int,
        days: int,
    ) -> None:
        """`start_ms` is the midnight (UTC) with which the first day begins, `end_ms` the present; `days` are the
        whole days between them."""
        self.days = days
        self.api = api
        self.hooks = hooks
        self.cast = cast
        self.random = Random(f"week {cast.seed}")
        self._clock = clock
        self._start_ms = start_ms
        #: The present, in seconds after the beginning of the first day.
        self.end = (end_ms - start_ms) / 1000
        #: The hours of each day at which traffic comes.
        self.bursts = [sorted(self.random.uniform(0, 24) for _ in range(BURSTS)) for _ in range(days + 1)]
        self._acts: list[_Act] = []
        self._watched: list[tuple[float, float]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._failed: list[BaseException] = []

    # ------------------------------------------------------------ what features say

    def at(self, day: float, hour: float, run: Run) -> None:
        """Do something on a day (0 is the first with traffic, -14 the first of all) at an hour (13.5 is 13:30). What
        is beyond the end is left out."""
        at = day * DAY + hour * HOUR
        if at < self.end:
            self._acts.append(_Act(at, len(self._acts), run))

    def within(self, day: int, hour: float, run: Run) -> None:
        """Do something in a burst of a day."""
        self.at(day, hour + self.random.uniform(0, SPREAD) / 3600, run)

    def ago(self, seconds: float, run: Run) -> None:
        """Do something so many seconds before the end."""
        self._acts.append(_Act(self.end - seconds, len(self._acts), run))

    def watch(self, day: float, hour: float, seconds: float) -> None:
        """Let time pass in steps of seconds in a span, because the product measures something there."""
        at = day * DAY + hour * HOUR
        self._watched.append((at, at + seconds))

    def epoch_ms(self, day: float, hour: float) -> int:
        """A moment as epoch ms."""
        return self._start_ms + int((day * DAY + hour * HOUR) * 1000)

    def text(self, day: float, hour: float) -> str:
        """A moment as the API writes it."""
        return times.to_text(self.epoch_ms(day, hour))

    def from_now(self, hours: float) -> str:
        """A moment after the end, as the API writes it."""
        return times.to_text(self._start_ms + int((self.end + hours * HOUR) * 1000))

    def client(self, customer: str) -> Api:
        """The API with the live key of a customer."""
        return self.api.as_key(self.cast.customers[customer].live)

    def person(self, name: str) -> Api:
        """The API in the session of a user."""
        return self.api.as_session(self.cast.people[name].cookie)

    # ------------------------------------------------------------ playing

    @property
    def now(self) -> float:
        """Seconds after the beginning of the first day of traffic."""
        return (self._clock.now_ms() - self._start_ms) / 1000

    async def play(self) -> None:
        """Play all acts, and let time pass up to the end. Raises what an act raised."""
        for act in sorted(self._acts, key=lambda act: act[:2]):
            await self._until(act.at)
            task = asyncio.get_running_loop().create_task(self._run(act.run))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            if self._failed:
                raise self._failed[0]
        await self._until(self.end)
        while self._tasks:
            await asyncio.wait(self._tasks)
        if self._failed:
            raise self._failed[0]

    async def _run(self, run: Run) -> None:
        try:
            await run()
        except Exception as error:
            self._failed.append(error)

    async def _until(self, at: float) -> None:
        """Let time pass: finely at first, in the steps of a watched span, and else in larger and larger ones."""
        began = self.now
        for seconds, step in _PACE:
            await self._pass(min(began + seconds, at), step)
        while self.now < at:
            watched = any(first <= self.now < last for first, last in self._watched)
            begins = min((first for first, _ in self._watched if first > self.now), default=at)
            step = _WATCHED if watched else _LONGEST
            await self._pass(min(at, begins, self.now + step), step)

    async def _pass(self, at: float, step: float) -> None:
        left = at - self.now
        if left > 0:
            self._clock.step, self._clock.until = step, self._clock.now + left
            await asyncio.sleep(left)
            self._clock.step = FINE
