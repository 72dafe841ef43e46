"""The guards as verifications use them: judge, write what follows, hear how it ended.

Rules kept here:
- `judge` reads once and writes nothing; what it read may be stale when the start is committed, which the turns in
  `sent` find out. Then judge again;
- if the store cannot be read, nothing is judged: the caller gets its error, as for any other read;
- what is usual in a country is read every few minutes, not for each start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from onesixty.core.contracts import Consequences, Write
from onesixty.verify.guarding import Asked, Ended, Verdict
from onesixty.verify.guards import writes
from onesixty.verify.guards.case import Case
from onesixty.verify.guards.facts import HOUR, Baseline, Recalled, keys_of
from onesixty.verify.guards.judging import judge
from onesixty.verify.guards.limits import GuardLimits
from onesixty.verify.guards.memory import Memory
from onesixty.verify.guards.verdict import Changes, Judged

#: Keys whose approvals are remembered: ranges in use, and countries.
MOST_APPROVED: Final = 10_000

_NONE: Final = Baseline()


def _uncounted(guard: str, action: str) -> None:
    """Nobody counts."""


class Guards:
    """The guards of all profiles."""

    def __init__(
        self,
        memory: Memory,
        new_id: Callable[[], str],
        lease: Callable[[], int],
        counted: Callable[[str, str], None] = _uncounted,
    ) -> None:
        """`new_id` makes ids of stops; `lease` is the lease of this node; `counted` hears of each verdict that lets
        nothing pass, once: its guard and its action."""
        self._memory = memory
        self._counted = counted
        self._new_id = new_id
        self._lease = lease
        self._baselines: Mapping[str, Baseline] = {}
        #: Approvals within an hour at ranges and countries that were read, the newest last: they need no write.
        self._approved: dict[str, int] = {}

    async def refresh(self, now: int) -> None:
        """Read what is usual. Raises StoreError."""
        self._baselines = await self._memory.baselines(now)

    async def judge(self, asked: Asked, limits: GuardLimits) -> Judged:
        """Judge a start or a resend. Raises StoreError."""
        recalled = await self._memory.recall(asked, limits)
        self._learn(asked, recalled)
        case = Case(asked, limits, recalled, self._usual(asked))
        verdict = judge(case, self._new_id)
        if verdict.action != "pass" and not asked.held:
            self._counted(verdict.guard, verdict.action)
        return verdict

    def _learn(self, asked: Asked, recalled: Recalled) -> None:
        """Remember which approvals are on disk."""
        keys = keys_of(asked)
        for key in (keys.range, keys.country):
            approved_at = recalled.trace(key).approved_at
            if approved_at > asked.at - HOUR:
                self._approved.pop(key, None)
                self._approved[key] = approved_at
        while len(self._approved) > MOST_APPROVED:
            del self._approved[next(iter(self._approved))]

    def _usual(self, asked: Asked) -> Baseline:
        """What is usual in the country of a start, or at least in its profile."""
        keys = keys_of(asked)
        return self._baselines.get(keys.country) or self._baselines.get(keys.profile) or _NONE

    def sent(self, asked: Asked, verdict: Verdict) -> Consequences:
        """What belongs to the write of a start that was judged so. If that write is lost, judge again.

        A verdict that is none of the guards' is somebody's who released a held verification.
        """
        if isinstance(verdict, Judged):
            changes = verdict.changes
        else:
            changes = Changes(released=(asked.verification_id, asked.at))
        return writes.of_changes(changes, self._lease(), asked.at)

    def ended(self, ended: Ended) -> tuple[Write, ...]:
        """What belongs to the write that ends a verification."""
        return writes.of_end(ended, self._lease(), self._approved)
