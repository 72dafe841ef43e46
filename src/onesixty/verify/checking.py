"""Checks codes: what was typed, against the verification that it is for.

Rules kept here:
- a check is counted in the same write that says what it was, under the version that was read. So two checks at once
  are counted both and approve once, and no burst of checks passes the limit: an answer is given for what is on disk;
- a wrong code, an expired one, one for something else and one for nothing take the same way: one read, the same
  digests, one write. An unknown verification is compared with a seed that nothing was sent with, and its check is
  written into a sink;
- a second check after the approval says that it was approved. It changes nothing and tells no event.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from msgspec.structs import replace

from onesixty.core.clock import Clock
from onesixty.core.contracts import Consequences
from onesixty.core.tenant import Tenant
from onesixty.store.rows import Lost
from onesixty.verify import codes, life
from onesixty.verify import verification as v
from onesixty.verify.binding import BindTo
from onesixty.verify.records import ROUNDS, Records, together
from onesixty.verify.secrets import Secrets
from onesixty.verify.sinks import Sinks
from onesixty.verify.verification import Step, Verification

#: What a check can say besides the outcomes of an open verification.
ALREADY: Final = "already_approved"
UNKNOWN: Final = "unknown"
#: What an answer can say: all but `ALREADY`, which is a refusal.
ANSWERED: Final = ("approved", "wrong", "expired", "exhausted", "canceled", "superseded", UNKNOWN)

#: What a check of an ended verification says.
_AFTER: Final = {
    v.APPROVED: ALREADY,
    v.EXPIRED: "expired",
    v.EXHAUSTED: "exhausted",
    v.FAILED: "expired",
    v.CANCELED: "canceled",
    v.BLOCKED: UNKNOWN,
}


class Result(NamedTuple):
    """What a check says, and the verification as it is then; None if there is none."""

    outcome: str
    one: Verification | None


class Check(NamedTuple):
    """A check: of the verification `id`, or of the newest one of `subject`. `typed` is what the person typed."""

    tenant: Tenant
    typed: str
    bound: BindTo | None
    id: str | None = None
    subject: str | None = None


Beside = Callable[[Result], Consequences]


class Checking:
    """Checks codes."""

    def __init__(
        self,
        *,
        clock: Clock,
        records: Records,
        secrets: Secrets,
        sinks: Sinks,
        counted: Callable[[str], None],
    ) -> None:
        """`sinks` take the checks of verifications that there are not. `counted` hears of each outcome."""
        self._clock = clock
        self._records = records
        self._secrets = secrets
        self._sinks = sinks
        self._counted = counted

    async def check(self, asked: Check, beside: Beside | None = None) -> Result:
        """Check a code. Returns what it was once that is on disk. Raises Lost if `beside` lost."""
        typed = codes.normalised(asked.typed)
        for _ in range(ROUNDS):
            found = await self._find(asked)
            one = await self._sinks.next() if found is None else found
            fits = self._secrets.fits(one, typed, asked.bound)
            judged = self._judged(one, fits.now, fits.before) if found is not None else self._unknown(one)
            result = judged if found is not None else Result(UNKNOWN, None)
            assert judged.one is not None
            parts = self._records.changing(one, judged.one)
            if beside is not None:
                parts = together(parts, beside(result))
            try:
                await self._records.commit(parts)
            except Lost:
                if found is None:
                    await self._sinks.lost(one)
                if beside is not None:
                    raise
                continue
            if found is None:
                self._sinks.written(one, judged.one)
            elif one.is_open:
                self._records.noted(judged.one)
            self._counted(result.outcome)
            return result
        raise Lost

    async def _find(self, asked: Check) -> Verification | None:
        if asked.id is not None:
            found = await self._records.find(asked.id)
        else:
            found = await self._records.newest(asked.subject or "")
        return found if found is not None and found.tenant == asked.tenant else None

    def _judged(self, one: Verification, fits: bool, before: bool) -> Result:
        """What the check of a verification says, and the verification afterwards."""
        now = self._clock.now_ms()
        if one.is_open:
            after, outcome = life.checked(one, fits, before, now)
            return Result(outcome, after)
        # Noted all the same: it costs what any check costs.
        step = Step(at=now, what=v.LATE)
        after = replace(one, steps=(*one.steps, step)) if len(one.steps) < v.MOST_STEPS else one
        return Result(_AFTER[one.status], after)

    def _unknown(self, sink: Verification) -> Result:
        return Result(UNKNOWN, self._sinks.checked(sink, self._clock.now_ms()))
