"""Turns what the guards decided into writes. Pure.

Rules kept here:
- tallies are sums by node (`lease`), so that two nodes never wait for each other's row;
- an approval never guards: it is written with whatever the guards remember.
"""

from __future__ import annotations

from typing import Final

from onesixty.core.contracts import Consequences, Write
from onesixty.verify.guarding import Ended
from onesixty.verify.guards.facts import DAY, HOUR, KNOWN, MINUTE, MarkState, keys_of
from onesixty.verify.guards.tables import BLOCKS
from onesixty.verify.guards.verdict import FRESH, Changes, Count, tallies

#: How long rows are kept: a little longer than any guard looks back.
MARKS_KEPT: Final = DAY + HOUR
MINUTES_KEPT: Final = 2 * HOUR
HOURS_KEPT: Final = 8 * DAY

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
    writes += [("verify_tally", _minute(count, lease)) for count in changes.counts]
    if changes.sent_to:
        writes.append(("verify_tally", _hour(changes.sent_to, at, (1, 0), lease)))
    if changes.stop is not None:
        writes.append(("verify_blocks_insert", BLOCKS.values(changes.stop)))
    return Consequences(guards=tuple(guards), writes=tuple(writes))


def of_end(ended: Ended, lease: int) -> tuple[Write, ...]:
    """The writes at the end of a verification."""
    state = STATES.get(ended.status)
    if state is None:
        return ()
    writes: list[Write] = [("verify_mark_end", (ended.verification_id, state))]
    keys = keys_of(ended)
    if state == "approved":
        found = ((keys.number, ended.at), (keys.range, ended.at - HOUR), (keys.country, ended.at - HOUR))
        writes += [
            ("verify_trace_approved", (key, ended.at, ended.at + KNOWN, known)) for key, known in found if key
        ]
    counted = (0, 1) if state == "approved" else (-1, 0) if state in NEUTRAL else None
    if counted is None or ended.sent_at is None:
        return tuple(writes)
    minute = ended.sent_at // MINUTE * MINUTE
    for key, flags in tallies(keys):
        if key:
            row = (key, minute, 0, lease, *counted, minute + MINUTES_KEPT)
            writes.append(("verify_tally_marked", (ended.verification_id, flags, FRESH, *row)))
    if keys.country:
        writes.append(("verify_tally", _hour(keys.country, ended.sent_at, counted, lease)))
    return tuple(writes)


def _minute(count: Count, lease: int) -> tuple[object, ...]:
    """The row of a count in its minute."""
    key, minute, sent, approved, fresh = count
    return (key, minute, 0, lease, sent, approved, sent * fresh, approved * fresh, minute + MINUTES_KEPT)


def _hour(country: str, at: int, counted: tuple[int, int], lease: int) -> tuple[object, ...]:
    """The row of a country in its hour, for what is usual there."""
    hour = at // HOUR * HOUR
    return (country, hour, 1, lease, *counted, 0, 0, hour + HOURS_KEPT)
