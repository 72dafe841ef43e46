"""Rows in which checks of nothing are counted: a check of an unknown verification writes what any other check writes.

Without them an unknown verification would be answered faster than a wrong code, and whoever measures could find out
who is being verified.

Rules kept here:
- a sink is a row of `verifications` that belongs to no account: nobody lists it, nothing is due for it, no figure
  counts it, and the sweep deletes it after 30 days. Then another one is made;
- each process has its own, and several, so that checks do not wait for each other;
- a sink begins anew after as many checks as a verification has, so it is as long as one.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from onesixty.core import ids
from onesixty.core.clock import Clock
from onesixty.core.contracts import Consequences
from onesixty.core.ids import IdSource
from onesixty.verify import verification as v
from onesixty.verify.records import Records
from onesixty.verify.secrets import Secrets
from onesixty.verify.verification import VERIFICATIONS, Step, Verification, Way

#: How many sinks a process has.
COUNT: Final = 8
_CHECKS: Final = 5
_LIFE_MS: Final = 600_000


class Sinks:
    """The sinks of one process."""

    def __init__(self, clock: Clock, id_source: IdSource, records: Records, secrets: Secrets) -> None:
        self._clock = clock
        self._ids = id_source
        self._records = records
        self._secrets = secrets
        self._rows: list[tuple[object, ...]] = []
        self._turn = 0

    async def next(self) -> Verification:
        """The sink for a check. It is read as a row is read."""
        if len(self._rows) < COUNT:
            row = VERIFICATIONS.values(self._made())
            await self._records.commit(
                Consequences(guards=(("verification_insert", row),), keys=(str(row[0]),))
            )
            self._rows.append(row)
        self._turn = (self._turn + 1) % len(self._rows)
        return VERIFICATIONS.read(self._rows[self._turn])

    def written(self, before: Verification, after: Verification) -> None:
        """A check of a sink is on disk."""
        self._set(before.id, replace(after, version=before.version + 1))

    async def lost(self, sink: Verification) -> None:
        """A write of a sink lost: another check was faster, or it was deleted."""
        self._set(sink.id, await self._records.find(sink.id))

    def checked(self, sink: Verification, now: int) -> Verification:
        """A sink after a check."""
        step = Step(at=now, what=v.WRONG)
        if sink.checks + 1 >= _CHECKS:
            return replace(sink, checks=0, steps=sink.steps[:2])
        return replace(sink, checks=sink.checks + 1, steps=(*sink.steps, step))

    def _set(self, id_: str, found: Verification | None) -> None:
        for place, row in enumerate(self._rows):
            if row[0] == id_:
                if found is None:
                    del self._rows[place]
                else:
                    self._rows[place] = VERIFICATIONS.values(found)
                return

    def _made(self) -> Verification:
        now, id_ = self._clock.now_ms(), self._ids.new(ids.VERIFICATION)
        sent = Step(at=now, what=v.SEND, send=1, channel=v.SMS, message_id=id_, generation=1, reason=v.ASKED)
        return Verification(
            id=id_, account_id="", test=False, profile_id="", recipient="+000000000000", channel=v.SMS,
            status=v.PENDING, subject=id_, seed=self._secrets.seed(), key_id=self._secrets.key_id,
            alphabet="digits", length=6, plan=(Way(v.SMS, 90),), life_ms=_LIFE_MS, max_checks=_CHECKS,
            max_sends=_CHECKS, sends=1, began_at=now, expires_at=now + _LIFE_MS, ends_at=now + _LIFE_MS,
            next_send_at=now, counted=True, steps=(Step(at=now, what=v.STARTED), sent), ended_at=now, created_at=now,
        )  # fmt: skip
