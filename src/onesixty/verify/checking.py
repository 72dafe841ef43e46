"""Checks codes: what was typed, against the verification that it is for.

Rules kept here:
- a check is counted in the same write that says what it was, under the version that was read. So two checks at once
  are counted both and approve once, and no burst of checks passes the limit: an answer is given for what is on disk;
- a wrong code, an expired one, one for something else and one for nothing take the same way: one read, the same
  digests, one write. An unknown verification is compared with a seed that nothing was sent with, and its check is
  written into a sink. What they still differ in, `verify.even` covers;
- a second check after the approval says that it was approved. It changes nothing and tells no event.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from onesixty.core.clock import Clock
from onesixty.core.contracts import Consequences
from onesixty.core.tenant import Tenant
from onesixty.store.rows import Lost
from onesixty.store.units import StoreError
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
    """A check of the verification `id`, or of the newest one of `subject` for `recipient`. `typed` is what the person
    typed."""

    tenant: Tenant
    typed: str
    bound: BindTo | None
    id: str | None = None
    recipient: str = ""
    subject: str = ""


Beside = Callable[[Result], Consequences]


class _Round(NamedTuple):
    """One try of a check: the verification or the sink before and after it, and what the check says."""

    before: Verification
    after: Verification
    result: Result


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
        """Check a code. Returns what it was once that is on disk. Raises Lost if `beside` lost, and StoreError."""
        for _ in range(ROUNDS):
            (found,) = await self._round((asked,), beside)
            if isinstance(found, Result):
                return found
            if beside is not None or not isinstance(found, Lost):
                raise found
        raise Lost

    async def check_all(self, asked: Sequence[Check]) -> list[Result | Exception]:
        """Check codes of verifications that are named by their ids, with one read and one commit. Returns what each
        was, or why it is not known."""
        results = await self._round(asked, None)
        for place, found in enumerate(results):
            if isinstance(found, Lost):
                try:
                    results[place] = await self.check(asked[place])
                except Exception as error:
                    results[place] = error
        return results

    async def _round(self, asked: Sequence[Check], beside: Beside | None) -> list[Result | Exception]:
        """Check codes once. A check that came second has Lost."""
        rounds = [
            await self._one(each, found) for each, found in zip(asked, await self._find(asked), strict=True)
        ]
        written = [self._records.changing(each.before, each.after) for each in rounds]
        if beside is not None:
            written = [
                together(parts, beside(each.result)) for parts, each in zip(written, rounds, strict=True)
            ]
        errors = await self._records.commit_all(written)
        return [await self._ended(each, error) for each, error in zip(rounds, errors, strict=True)]

    async def _one(self, asked: Check, found: Verification | None) -> _Round:
        """What a check is, before it is on disk."""
        one = await self._sinks.next() if found is None else found
        fits = self._secrets.fits(one, codes.normalised(asked.typed), asked.bound)
        judged = self._judged(one, fits.now, fits.before) if found is not None else self._unknown(one)
        assert judged.one is not None
        return _Round(one, judged.one, judged if found is not None else Result(UNKNOWN, None))

    async def _ended(self, each: _Round, error: Exception | None) -> Result | Exception:
        """What follows from a check that is on disk, or lost."""
        before, after, result = each
        if error is None:
            if result.one is None:
                self._sinks.written(before, after)
            elif before.is_open:
                self._records.noted(after)
            self._counted(result.outcome)
            return result
        if result.one is None and isinstance(error, Lost):
            try:
                await self._sinks.lost(before)
            except StoreError as unread:  # the checks beside this one are on disk
                return unread
        return error

    async def _find(self, asked: Sequence[Check]) -> list[Verification | None]:
        """The verifications that checks are for; None for those that there are not."""
        ids = [each.id for each in asked if each.id is not None]
        known = await self._records.find_all(ids) if ids else {}
        rows = [
            known.get(each.id)
            if each.id is not None
            else await self._records.newest(each.tenant, each.recipient, each.subject)
            for each in asked
        ]
        return [
            one if one is not None and one.tenant == each.tenant else None
            for each, one in zip(asked, rows, strict=True)
        ]

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
