"""Plays visits through the guards in virtual time, and notes what became of each.

Rules kept here:
- the guards are those of a node (`guards.service.Guards`), their memory is `SimulatedMemory`; time only advances
  when an event is due;
- what a verification service does around the guards is done here in its simplest form: a start, resends while the
  code is not typed, the end of its life, and a look at held ones every two seconds;
- the same visits give the same result.
"""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from collections.abc import Iterable
from typing import Final, Protocol

import msgspec

from onesixty.core.tenant import Tenant
from onesixty.verify.attacks.world import Visit
from onesixty.verify.guarding import TRIES, Asked, Ended
from onesixty.verify.guards.facts import SECOND
from onesixty.verify.guards.limits import GuardLimits
from onesixty.verify.guards.memory import Memory
from onesixty.verify.guards.service import Guards
from onesixty.verify.guards.verdict import Changes, Judged

#: The life of a code, how long a held verification waits, and how often held ones are looked at, in seconds.
LIFE: Final = 600.0
HELD: Final = 600.0
LOOKED_AT: Final = 2.0

#: How often a node reads what is usual, in seconds.
REFRESHED: Final = 300.0

#: Midnight, at which every run begins (epoch ms).
START: Final = 1_790_000_000_000 // 86_400_000 * 86_400_000

TENANT: Final = Tenant("acc_simulated", False)
PROFILE: Final = "vpr_simulated"


class Kept(Memory, Protocol):
    """A memory that a run writes to as well."""

    async def commit(self, changes: Changes, at: int) -> bool:
        """Write what a verdict changes. False if somebody started at one of its keys in the meantime."""

    async def end(self, ended: Ended) -> None:
        """Write how a verification ended."""


class Course(msgspec.Struct):
    """What became of a visit. Times are seconds.

    `status`: held, blocked, expired (it was held for too long), open, approved, failed. `guard` is the one that
    blocked it, or that held it first; `held_by` is the key of what holds it.
    """

    id: str
    visit: Visit
    status: str = "new"
    guard: str = ""
    sends: int = 0
    sent_at: float | None = None
    held_at: float | None = None
    blocked_at: float | None = None
    held_by: str = ""

    @property
    def delay(self) -> float:
        """Seconds for which it was held before it was sent."""
        return 0.0 if self.held_at is None or self.sent_at is None else self.sent_at - self.held_at


class Player:
    """One run. `await play(visits)`, then read `courses`."""

    def __init__(self, memory: Kept, limits: GuardLimits) -> None:
        self.memory = memory
        self.courses: list[Course] = []
        self._limits = limits
        self._numbers = itertools.count(1)
        self._guards = Guards(memory, lambda: f"vbl_{next(self._numbers)}", lambda: 1)
        self._events: list[tuple[float, int, Course | None, str]] = []
        self._order = itertools.count()
        #: Held courses by what held them, in the order in which they came.
        self._held: dict[str, dict[str, Course]] = defaultdict(dict)
        self._now = 0.0
        self._looks = False

    async def play(self, visits: Iterable[Visit]) -> None:
        """Play visits, which come in the order of their times, and what follows from them, to the end."""
        await self._guards.refresh(START)
        coming = iter(visits)
        visit = next(coming, None)
        while visit is not None or self._events:
            if visit is not None and (not self._events or visit.at <= self._events[0][0]):
                await self._come(visit.at)
                await self._start(visit)
                visit = next(coming, None)
                continue
            at, _, course, what = heapq.heappop(self._events)
            await self._come(at)
            await self._happens(course, what)

    async def _come(self, at: float) -> None:
        """It is `at`."""
        if at // REFRESHED > self._now // REFRESHED:
            await self._guards.refresh(self._ms(at))
        self._now = at

    # ------------------------------------------------------------ what happens

    async def _happens(self, course: Course | None, what: str) -> None:
        if what == "look":
            await self._look()
        elif course is None:
            return
        elif what == "again":
            if course.status == "failed":
                await self._start(course.visit._replace(at=self._now, again_after=None))
        elif what == "expires":
            if course.status == "held":
                course.status = "expired"
                self._drop(course)
        elif course.status == "open":
            await self._happens_to_open(course, what)

    async def _happens_to_open(self, course: Course, what: str) -> None:
        if what == "resend":
            await self._resend(course)
            return
        course.status = {"types": "approved", "wrong": "failed", "ends": "failed"}[what]
        await self.memory.end(
            Ended(
                tenant=TENANT,
                profile_id=PROFILE,
                verification_id=course.id,
                to=course.visit.to,
                channel="sms",
                country=course.visit.country.code,
                network=course.visit.network,
                user_ip=course.visit.address,
                device=course.visit.device or None,
                status={"types": "approved", "wrong": "exhausted", "ends": "expired"}[what],
                wrong=0,
                sends=course.sends,
                started_at=self._ms(course.visit.at),
                sent_at=None if course.sent_at is None else self._ms(course.sent_at),
                at=self._ms(self._now),
            )
        )

    async def _start(self, visit: Visit) -> None:
        course = Course(f"ver_{len(self.courses)}", visit)
        self.courses.append(course)
        verdict = await self._judge(course, first=True)
        course.guard = verdict.guard
        if verdict.action == "pass":
            self._sent(course)
        elif verdict.action == "hold":
            course.status, course.held_at = "held", self._now
            self._hold(course, verdict.key)
            self._later(HELD, course, "expires")
            self._look_soon()
        else:
            self._blocked(course, verdict.guard)

    def _blocked(self, course: Course, guard: str) -> None:
        course.status, course.guard, course.blocked_at = "blocked", guard, self._now

    async def _resend(self, course: Course) -> None:
        if (await self._judge(course, first=False)).action == "pass":
            course.sends += 1

    def _sent(self, course: Course) -> None:
        visit = course.visit
        course.status, course.sends, course.sent_at = "open", 1, self._now
        if visit.types_after is not None and visit.types_after < LIFE:
            self._later(visit.types_after, course, "types")
        elif visit.wrong_after is not None:
            self._later(visit.wrong_after, course, "wrong")
        for seconds in visit.resends:
            if visit.types_after is None or seconds < visit.types_after:
                self._later(seconds, course, "resend")
        self._later(LIFE, course, "ends")
        if visit.again_after is not None:
            self._later(LIFE + visit.again_after, course, "again")

    # ------------------------------------------------------------ held ones

    async def _look(self) -> None:
        """Judge the first of those that the same key holds; the others wait with it."""
        self._looks = False
        for key in list(self._held):
            for course in list(self._held[key].values()):
                verdict = await self._judge(course, first=True, held=True)
                if verdict.action == "hold" and verdict.key == key:
                    break
                self._drop(course)
                if verdict.action == "pass":
                    self._sent(course)
                elif verdict.action == "hold":
                    self._hold(course, verdict.key)
                else:
                    self._blocked(course, verdict.guard)
        if any(self._held.values()):
            self._look_soon()

    def _hold(self, course: Course, key: str) -> None:
        course.held_by = key
        self._held[key][course.id] = course

    def _drop(self, course: Course) -> None:
        of_key = self._held[course.held_by]
        del of_key[course.id]
        if not of_key:
            del self._held[course.held_by]

    def _look_soon(self) -> None:
        if not self._looks:
            self._looks = True
            self._later(LOOKED_AT, None, "look")

    # ------------------------------------------------------------ the guards

    async def _judge(self, course: Course, *, first: bool, held: bool = False) -> Judged:
        visit = course.visit
        asked = Asked(
            tenant=TENANT,
            profile_id=PROFILE,
            verification_id=course.id,
            to=visit.to,
            channel="sms",
            country=visit.country.code,
            network=visit.network,
            first=first,
            sends=course.sends,
            user_ip=visit.address,
            device=visit.device or None,
            price=visit.country.micros,
            currency="EUR",
            at=self._ms(self._now),
            held=held,
        )
        for _ in range(TRIES):
            verdict = await self._guards.judge(asked, self._limits)
            if await self.memory.commit(verdict.changes, asked.at):
                return verdict
        raise AssertionError("nothing else starts in the meantime")

    def _later(self, seconds: float, course: Course | None, what: str) -> None:
        heapq.heappush(self._events, (self._now + seconds, next(self._order), course, what))

    @staticmethod
    def _ms(seconds: float) -> int:
        return START + round(seconds * SECOND)
