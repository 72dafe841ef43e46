"""The figures of verifications: what ended is added to the hour in which it began, once.

Rules kept here:
- an approval is a conversion of its country, its network, and the carrier of the send whose code was typed. So a
  carrier that reports deliveries of codes that nobody gets shows as one without conversions;
- an ended verification is counted in a unit with a guard on its row: after a crash, and on several nodes, it is
  counted once;
- test numbers are never counted; own codes that nobody checked are told apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from onesixty.core.contracts import Write
from onesixty.store.contract import Store
from onesixty.store.units import StoreError, Unit
from onesixty.verify import verification as v
from onesixty.verify.records import Records, SentMessage, ended_of
from onesixty.verify.verification import VERIFICATIONS, Verification

HOUR_MS: Final = 3_600_000
#: Verifications that one unit counts.
PAGE: Final = 200

COUNTED: Final = (
    *("started", "sends", "approved", "failed", "exhausted", "expired", "canceled", "blocked"),
    *("unreported", "wrong", "approval_ms"),
)
#: What is kept besides, for guards: those of which nothing went out.
UNSENT: Final = "unsent"


class Group(NamedTuple):
    """What is counted together."""

    hour: int
    account_id: str
    test: int
    profile_id: str
    channel: str
    country: str
    network: str
    carrier_id: str


class Counting:
    """Counts what has ended."""

    def __init__(self, store: Store, records: Records) -> None:
        self._store = store
        self._records = records

    async def sweep(self, now: int) -> int:
        """Count what is not counted yet. Returns how many rows that were. Raises StoreError."""
        counted = 0
        while True:
            rows = await self._store.fetch("verifications_uncounted", count=PAGE)
            if not rows:
                return counted
            ended = [VERIFICATIONS.read(row) for row in rows]
            messages = await self._records.messages([id_ for one in ended for id_ in one.sent_messages])
            unit = Unit(
                keys=tuple(one.id for one in ended),
                guards=tuple(("verification_counted", (one.id,)) for one in ended),
                writes=tuple(added(ended, messages)),
            )
            (result,) = await self._store.commit([unit])
            if isinstance(result, StoreError):
                raise result
            if not result:  # another node counts them
                return counted
            counted += len(rows)
            if len(rows) < PAGE:
                return counted


def added(ended: Sequence[Verification], messages: Mapping[str, SentMessage]) -> list[Write]:
    """The writes that add ended verifications to the figures."""
    groups: dict[Group, Counter[str]] = {}
    for one in ended:
        if one.fixed:
            continue
        groups.setdefault(group_of(one, messages), Counter()).update(counts_of(one))
    return [
        ("verify_count", (*group, *(counts[name] for name in (*COUNTED, UNSENT))))
        for group, counts in groups.items()
    ]


def group_of(one: Verification, messages: Mapping[str, SentMessage]) -> Group:
    """Where a verification is counted."""
    return Group(
        hour=one.created_at - one.created_at % HOUR_MS,
        account_id=one.account_id,
        test=int(one.test),
        profile_id=one.profile_id,
        channel=one.channel,
        country=one.country or "",
        network=one.network or "",
        carrier_id=carrier_of(one, messages) or "",
    )


def carrier_of(one: Verification, messages: Mapping[str, SentMessage]) -> str | None:
    """The carrier of the last send with the code that was typed, or of the last send."""
    sends = [step for step in one.steps if step.what == v.SEND and step.message_id is not None]
    typed = [step for step in sends if step.generation == one.approved_by] or sends
    found = messages.get(typed[-1].message_id or "") if typed else None
    return None if found is None else found.carrier_id


def counts_of(one: Verification) -> Counter[str]:
    """What one ended verification adds."""
    ended = ended_of(one)
    counts = Counter({"started": 1, "sends": one.sends, "wrong": ended.wrong, one.status: 1})
    counts["unreported"] += ended.status == "unreported"
    counts[UNSENT] += ended.status == "unsent"
    if one.status == v.APPROVED and one.ended_at is not None:
        counts["approval_ms"] += one.ended_at - one.created_at
    return counts
