"""Checks codes: what was typed, against the verification that it is for.

Rules kept here:
- a check is counted in the same write that says what it was, under the version that was read. So two checks at once
  are counted both and approve once, and no burst of checks passes the limit: an answer is given for what is on disk;
- a wrong code, an expired one, one for something else and one for nothing take the same way: one read, the same
  digests, one write. An unknown verification is compared with a seed that nothing was sent with, and its check is
  counted apart;
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
from onesixty.verify.verification import Step, Verification, Way

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
#: The rows in which checks of nothing are counted: several, so that they do not wait for each other.
_MISSES: Final = 16
_BLANK: Final = "ver_00000000000000000000000000"


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
        self, *, clock: Clock, records: Records, secrets: Secrets, counted: Callable[[str], None]
    ) -> None:
        """`counted` hears of the outcome of each check."""
        self._clock = clock
        self._records = records
        self._secrets = secrets
        self._counted = counted
        seed = "00" * 16
        #: Stands for a verification that there is not.
        self._nothing = Verification(
            id=_BLANK, account_id="", test=False, profile_id="", recipient="", channel=v.SMS, status=v.EXPIRED,
            subject="", open_key="", seed=seed, key_id=secrets.key_id, alphabet="digits", length=6,
            plan=(Way(v.SMS, 0),), life_ms=0, max_checks=0, max_sends=0, began_at=0, expires_at=0, ends_at=0,
            next_send_at=0, ended_at=0, created_at=0,
        )  # fmt: skip

    async def check(self, asked: Check, beside: Beside | None = None) -> Result:
        """Check a code. Returns what it was once that is on disk. Raises Lost if `beside` lost."""
        typed = codes.normalised(asked.typed)
        for _ in range(ROUNDS):
            found = await self._find(asked)
            one = self._nothing if found is None else found
            fits = self._secrets.fits(one, typed, asked.bound)
            result, parts = self._judged(one, found, fits.now, fits.before)
            if beside is not None:
                parts = together(parts, beside(result))
            try:
                await self._records.commit(parts)
            except Lost:
                if beside is not None:
                    raise
                continue
            if result.one is not None and one.is_open:
                self._records.noted(result.one)
            self._counted(result.outcome)
            return result
        raise Lost

    async def _find(self, asked: Check) -> Verification | None:
        if asked.id is not None:
            found = await self._records.find(asked.id)
        else:
            found = await self._records.newest(asked.subject or "")
        return found if found is not None and found.tenant == asked.tenant else None

    def _judged(
        self, one: Verification, found: Verification | None, fits: bool, before: bool
    ) -> tuple[Result, Consequences]:
        """What the check says, and what is written for it."""
        now = self._clock.now_ms()
        if found is None:
            miss = ("verification_miss", (now % _MISSES, now))
            return Result(UNKNOWN, None), Consequences(writes=(miss,), keys=(f"miss {now % _MISSES}",))
        if one.is_open:
            checked = life.checked(one, fits, before, now)
            return Result(checked.outcome, checked.after), self._records.changing(one, checked.after)
        # Noted all the same: it costs what any check costs.
        step = Step(at=now, what=v.LATE)
        after = replace(one, steps=(*one.steps, step)) if len(one.steps) < v.MOST_STEPS else one
        return Result(_AFTER[one.status], after), self._records.changing(one, after)
