"""The life of a message as tables: statuses, allowed transitions, carrier states.

Rules kept here (docs/reference/statuses.md):
- every accepted message reaches exactly one terminal status;
- `delivered` is never taken back; a late DELIVRD corrects `undelivered` and `unconfirmed`;
- ENROUTE, ACCEPTD and UNKNOWN change nothing.
"""

from __future__ import annotations

from typing import Final

SCHEDULED: Final = "scheduled"
QUEUED: Final = "queued"
HELD: Final = "held"
SENT: Final = "sent"
DELIVERED: Final = "delivered"
UNDELIVERED: Final = "undelivered"
UNCONFIRMED: Final = "unconfirmed"
FAILED: Final = "failed"
EXPIRED: Final = "expired"
CANCELED: Final = "canceled"
RECEIVED: Final = "received"

ALL: Final = (
    SCHEDULED,
    QUEUED,
    HELD,
    SENT,
    DELIVERED,
    UNDELIVERED,
    UNCONFIRMED,
    FAILED,
    EXPIRED,
    CANCELED,
    RECEIVED,
)

TERMINAL: Final = frozenset({DELIVERED, UNDELIVERED, UNCONFIRMED, FAILED, EXPIRED, CANCELED, RECEIVED})

#: No carrier has taken the message yet: it can be canceled or changed, or expire.
WAITING: Final = frozenset({SCHEDULED, QUEUED, HELD})

#: The allowed next statuses of each status. Everything else is refused.
TRANSITIONS: Final[dict[str, frozenset[str]]] = {
    SCHEDULED: frozenset({QUEUED, HELD, FAILED, EXPIRED, CANCELED}),
    QUEUED: frozenset({SENT, SCHEDULED, HELD, UNDELIVERED, UNCONFIRMED, FAILED, EXPIRED, CANCELED}),
    HELD: frozenset({QUEUED, SCHEDULED, SENT, UNCONFIRMED, FAILED, EXPIRED, CANCELED}),
    SENT: frozenset({DELIVERED, UNDELIVERED, UNCONFIRMED}),
    UNDELIVERED: frozenset({DELIVERED}),
    UNCONFIRMED: frozenset({DELIVERED}),
    DELIVERED: frozenset(),
    FAILED: frozenset(),
    EXPIRED: frozenset(),
    CANCELED: frozenset(),
    RECEIVED: frozenset(),
}

#: What a message is held for (`messages.held_for`): a carrier may have taken it, or a rule wants a person
#: to look at it first.
OUTCOME_UNKNOWN: Final = "outcome_unknown"
REVIEW: Final = "review"

#: A carrier's final or intermediate state of one segment.
ENROUTE: Final = "enroute"

#: SMPP 3.4, 5.2.28 (message_state) and the words of appendix B, to what they mean for a segment:
#: (segment state, error code or None). Segment states: enroute, delivered, undelivered.
MESSAGE_STATE: Final[dict[int, tuple[str, str | None]]] = {
    0: (ENROUTE, None),  # SCHEDULED, SMPP 5.0
    1: (ENROUTE, None),
    2: (DELIVERED, None),
    3: (UNDELIVERED, "carrier_expired"),
    4: (UNDELIVERED, "carrier_deleted"),
    5: (UNDELIVERED, "undeliverable"),
    6: (ENROUTE, None),
    7: (ENROUTE, None),
    8: (UNDELIVERED, "carrier_rejected"),
    9: (UNDELIVERED, "carrier_skipped"),  # SMPP 5.0
}

RECEIPT_WORD: Final[dict[str, int]] = {
    "SCHEDUL": 0,
    "SCHEDULED": 0,
    "ENROUTE": 1,
    "EN_ROUTE": 1,
    "BUFFERED": 1,
    "DELIVRD": 2,
    "DELIVERED": 2,
    "EXPIRED": 3,
    "DELETED": 4,
    "UNDELIV": 5,
    "UNDELIVERED": 5,
    "UNDELIVERABLE": 5,
    "FAILED": 5,
    "FAIL": 5,
    "ACCEPTD": 6,
    "ACCEPTED": 6,
    "UNKNOWN": 7,
    "REJECTD": 8,
    "REJECTED": 8,
    "SKIPPED": 9,
}


def may_follow(before: str, after: str) -> bool:
    """Whether a message in status `before` may change to `after`."""
    return after in TRANSITIONS[before]
