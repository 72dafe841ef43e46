"""Reads and writes verifications, with the events and the guards' rows that follow from each change.

Rules kept here:
- a change is written under the version that it started from, and never to an ended verification. Whoever loses reads
  again (`Lost`);
- a change and its events are one unit, so each event is told once, and none is lost;
- the units of one verification share its id as a key, those of one subject the subject: none of them share a group;
- an approval and an end are told to the guards in the same unit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from onesixty.core.contracts import Consequences, Write
from onesixty.core.tenant import Tenant
from onesixty.store.contract import Store
from onesixty.store.rows import Lost
from onesixty.store.unanswered import all_in_time
from onesixty.store.units import StoreError, Unit
from onesixty.verify import verification as v
from onesixty.verify.guarding import Ended, Guarding
from onesixty.verify.told import event_of, told_in_event
from onesixty.verify.verification import VERIFICATIONS, Verification

#: How often a change is tried while others come first. A verification has few writers: each of them ends it, or uses
#: up one of its few checks or sends.
ROUNDS: Final = 50

#: Writes an event that is not about a message (`webhooks.effect.EventEffect.announce`).
Announce = Callable[[Tenant, str, dict[str, Any], int], Sequence[Write]]


class SentMessage(NamedTuple):
    """What became of the message of a send: a row of `verification_messages`."""

    id: str
    status: str
    carrier_id: str | None
    sent_at: int | None
    done_at: int | None
    error_code: str | None


class Before(NamedTuple):
    """The id of the open verification of a subject, and the language in which its number or address approved last."""

    open_id: str | None
    language: str | None


class Records:
    """The verifications of the database."""

    def __init__(
        self, store: Store, guards: Guarding, announce: Announce, counted: Callable[[str], None]
    ) -> None:
        """`counted` hears of the status of each verification that ends."""
        self._store = store
        self._guards = guards
        self._announce = announce
        self._counted = counted

    # ------------------------------------------------------------ reads

    async def find(self, verification_id: str) -> Verification | None:
        """One verification of any account."""
        rows = await self._store.fetch("verifications_get", id=verification_id)
        return VERIFICATIONS.read(rows[0]) if rows else None

    async def find_all(self, ids: Sequence[str]) -> dict[str, Verification]:
        """Those of these verifications that there are, of any account."""
        rows = await self._store.fetch("verifications_some", ids=list(dict.fromkeys(ids)))
        found = map(VERIFICATIONS.read, rows)
        return {one.id: one for one in found}

    async def newest(self, tenant: Tenant, recipient: str, subject: str) -> Verification | None:
        """The newest verification of a subject, open or not. `recipient` is whom it is for."""
        rows = await self._store.fetch(
            "verification_newest", **tenant.params, recipient=recipient, subject=subject
        )
        return VERIFICATIONS.read(rows[0]) if rows else None

    async def before(self, one: Verification) -> Before:
        """What there is before a new verification is made."""
        ((open_id, language),) = await self._store.fetch(
            "verification_before", **one.tenant.params, recipient=one.recipient, subject=one.subject
        )
        return Before(open_id, language)

    async def due(self, now: int, count: int) -> list[Verification]:
        """Those that the sweep has to look at, the longest due first."""
        rows = await self._store.fetch("verifications_due", now=now, count=count)
        return [VERIFICATIONS.read(row) for row in rows]

    async def messages(self, ids: Sequence[str]) -> dict[str, SentMessage]:
        """What became of these messages."""
        if not ids:
            return {}
        rows = await self._store.fetch("verification_messages", ids=list(ids))
        return {row[0]: SentMessage(*row) for row in rows}

    # ------------------------------------------------------------ writes

    def inserting(self, one: Verification) -> Consequences:
        """What makes a verification. It loses if its subject has an open one."""
        write: Write = ("verification_insert", VERIFICATIONS.values(one))
        return Consequences(
            writes=self._follows(None, one), guards=(write,), keys=(one.id, f"subject {one.subject}")
        )

    def changing(self, before: Verification, after: Verification) -> Consequences:
        """What changes a verification. It loses if another writer was first."""
        write: Write = ("verifications_update", VERIFICATIONS.change(before, after))
        return Consequences(
            writes=self._follows(before, after),
            guards=(write,),
            keys=(before.id, f"subject {before.subject}"),
        )

    async def insert(self, one: Verification, *beside: Consequences) -> Verification:
        """Make a verification without a send. Raises Lost, Problem `unavailable` or StoreError."""
        await self.commit(together(self.inserting(one), *beside))
        self._count(one)
        return one

    async def change(self, before: Verification, after: Verification, *beside: Consequences) -> Verification:
        """Change a verification. Raises Lost, StoreError."""
        await self.commit(together(self.changing(before, after), *beside))
        self._count(after)
        return numbered(before, after)

    async def commit(self, parts: Consequences) -> None:
        """Write a unit. Raises Lost, StoreError."""
        (error,) = await self.commit_all((parts,))
        if error is not None:
            raise error

    async def commit_all(self, all_parts: Sequence[Consequences]) -> list[Exception | None]:
        """Write units. Returns for each why it is not written: Lost or StoreError."""
        units = [Unit(keys=parts.keys, guards=parts.guards, writes=parts.writes) for parts in all_parts]
        results = await all_in_time(self._store.commit(units), len(units))
        return [
            result if isinstance(result, StoreError) else None if result else Lost() for result in results
        ]

    async def change_all(self, changes: Sequence[tuple[Verification, Verification]]) -> int:
        """Change many at once; those that another writer changed first stay. Returns how many were changed. Raises
        StoreError."""
        units = []
        for before, after in changes:
            parts = self.changing(before, after)
            units.append(Unit(keys=parts.keys, guards=parts.guards, writes=parts.writes))
        changed = 0
        for (_, after), result in zip(changes, await self._store.commit(units) if units else (), strict=True):
            if isinstance(result, StoreError):
                raise result
            if result:
                changed += 1
                self._count(after)
        return changed

    def noted(self, one: Verification) -> None:
        """A verification is on disk that was written with its message."""
        self._count(one)

    def _follows(self, before: Verification | None, after: Verification) -> tuple[Write, ...]:
        writes: list[Write] = []
        at = after.created_at if before is None else after.steps[-1].at if after.steps else after.created_at
        for type_ in event_of(before, after):
            writes += self._announce(after.tenant, type_, told_in_event(after), at)
        if before is not None and before.is_open and not after.is_open and not after.fixed:
            writes += self._guards.ended(ended_of(after))
        return tuple(writes)

    def _count(self, one: Verification) -> None:
        if not one.is_open:
            self._counted(one.status)


def redaction(verification_id: str, at: int) -> Consequences:
    """What removes who was verified from a verification that has ended, and from answers that are kept for an
    Idempotency-Key. Loses if it has not ended, or was redacted before."""
    return Consequences(
        guards=(("verification_redact", (verification_id, at)),),
        writes=(("idempotency_redact", (verification_id,)),),
        keys=(verification_id,),
    )


def numbered(before: Verification, after: Verification) -> Verification:
    """A verification as it is once its change is written."""
    return replace(after, version=before.version + 1)


def together(*parts: Consequences) -> Consequences:
    """Several parts of one unit."""
    return Consequences(
        writes=tuple(write for part in parts for write in part.writes),
        guards=tuple(guard for part in parts for guard in part.guards),
        keys=tuple(dict.fromkeys(key for part in parts for key in part.keys)),
    )


def ended_of(one: Verification) -> Ended:
    """A verification at its end, as guards hear of it."""
    status = one.status
    if status == v.FAILED or one.sends == 0:
        status = "unsent"
    elif status == v.EXPIRED and _is_unknown(one):
        status = "unreported"
    wrong = one.checks - (one.status == v.APPROVED and one.reason != v.REPORTED)
    return Ended(
        tenant=one.tenant, profile_id=one.profile_id, verification_id=one.id, to=one.recipient, channel=one.channel,
        country=one.country, network=one.network, user_ip=one.user_ip, device=one.device, status=status, wrong=wrong,
        sends=one.sends, started_at=one.created_at, sent_at=_first_sent(one), at=one.ended_at or one.created_at,
    )  # fmt: skip


def _is_unknown(one: Verification) -> bool:
    """Whether nobody knows if the code of an expired verification was typed."""
    if one.reason == v.RESTORED:
        return True
    return one.sealed_code is not None and not one.checks and one.reason != v.REPORTED


def _first_sent(one: Verification) -> int | None:
    return next((step.at for step in one.steps if step.what == v.SEND), None)
