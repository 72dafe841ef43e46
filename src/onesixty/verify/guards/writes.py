"""Turns what the guards decided into writes. Pure.

Rules kept here:
- tallies are sums by node (`lease`), so that two nodes never wait for each other's row;
- an approval never guards: it is written with whatever the guards remember.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from onesixty.core.contracts import Consequences, Write
from onesixty.verify.guarding import Ended
from onesixty.verify.guards.facts import DAY, HOUR, KNOWN, MINUTE, MarkState, keys_of, tallied
from onesixty.verify.guards.tables import BLOCKS
from onesixty.verify.guards.verdict import FRESH, NEEDED, Changes, Count

#: How long rows are kept: a little longer than any guard looks back.
MARKS_KEPT: Final = DAY + HOUR
MINUTES_KEPT: Final = 2 * HOUR

NOTHING_KNOWN: Final[Mapping[str, int]] = {}

#: What a verification becomes in the memory of the guards when it ends. A canceled one stays as it is: somebody who
#: cancels has not typed the code, and an attacker may cancel too.
STATES: Final[dict[str, MarkState]] = {
    "approved": "approved",
    "failed": "failed",
    "exhausted": "failed",
    "expired": "failed",
    "unsent": "unsent",
    "unreported": "unreported",
}
#: Ends after which a send counts for nothing.
NEUTRAL: Final = frozenset({"unsent", "unreported"})


def of_changes(changes: Changes, lease: int, at: int) -> Consequences:
    """The guards and writes of a verdict."""
    guards: list[Write] = [("verify_turn", (key, turn, at + DAY)) for key, turn in changes.turns]
    guards += [
        ("verify_spend", (each.key, each.begins, each.amount, each.most, each.ends))
        for each in changes.spends
    ]
    writes: list[Write] = []
    if changes.mark is not None:
        writes.append(("verify_mark_insert", (*changes.mark, at + MARKS_KEPT)))
    if changes.released is not None:
        id_, released_at = changes.released
        writes.append(("verify_mark_release", (id_, released_at, released_at + MARKS_KEPT)))
    if changes.resent is not None:
        writes.append(("verify_mark_resend", (changes.resent,)))
    if changes.count is not None:
        writes += _counted(changes.count, lease)
    if changes.stop is not None:
        writes.append(("verify_blocks_insert", BLOCKS.values(changes.stop)))
    return Consequences(guards=tuple(guards), writes=tuple(writes))


def of_end(ended: Ended, lease: int, known: Mapping[str, int] = NOTHING_KNOWN) -> tuple[Write, ...]:
    """The writes at the end of a verification. `known` are approvals at ranges and countries that are on disk."""
    state = STATES.get(ended.status)
    if state is None:
        return ()
    writes: list[Write] = [("verify_mark_end", (ended.verification_id, state))]
    keys = keys_of(ended)
    if state == "approved":
        since = ended.at - HOUR
        found = [(keys.number, ended.at)]
        found += [(key, since) for key in (keys.range, keys.country) if key and known.get(key, 0) <= since]
        writes += [
            ("verify_trace_approved", (key, ended.at, ended.at + KNOWN, before)) for key, before in found
        ]
    added = (0, 1) if state == "approved" else (-1, 0) if state in NEUTRAL else None
    if added is None or ended.sent_at is None:
        return tuple(writes)
    minute = ended.sent_at // MINUTE * MINUTE
    for key, flags in zip(tallied(keys), NEEDED, strict=True):
        if key:
            row = (ended.verification_id, flags, FRESH, key, minute, lease, *added, minute + MINUTES_KEPT)
            writes.append(("verify_tally_marked", row))
    return tuple(writes)


def _counted(count: Count, lease: int) -> list[Write]:
    """The rows of a count in its minute."""
    keys, minute, sent, approved, fresh = count
    row = (minute, lease, sent, approved, sent * fresh, approved * fresh, minute + MINUTES_KEPT)
    return [("verify_tally", (key, *row)) for key in keys if key]
