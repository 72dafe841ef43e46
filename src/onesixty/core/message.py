"""The message: one recipient on one channel. The struct is the row of the table `messages`, field by field.

Rules kept here:
- a message is never changed in place. A change is a new struct with `version` increased by one; its write is
  guarded by the old version, so two writers cannot both succeed;
- `sequence` counts the events of the message, without gaps;
- money is in micro-units, times in epoch milliseconds, `tags` a JSON list of strings as text;
- `content` is JSON that the message's channel reads (`core.channel`), `origin` the memo of the door that took it
  (`core.memo`), `notices` JSON of `core.notices`; all three are None for a plain message over HTTP;
- `paid_above` is JSON of `core.paid_above`: what the accounts above the message's own pay for it;
- `not_before` is the time to which a step deferred the message, `held_for` what a held message waits for;
- `limited_by` is the key or SMPP credential whose limit of waiting or scheduled messages counts the message. Nearly
  all messages have none, and are inserted by `message_insert_plain`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any, Final, NamedTuple

import msgspec

from onesixty.core import errors, money, notices, statuses, times
from onesixty.core.tenant import Tenant

#: `claim`: which node has a queued message in memory. A positive number is the lease of a node.
UNCLAIMED: Final = 0
#: Waiting for `due_at` (a retry); the sweep then makes it UNCLAIMED.
PARKED: Final = -1
#: Kept out of the lanes by a pause.
HALTED: Final = -2

INBOUND: Final = "inbound"

OTP: Final = "otp"
TRANSACTIONAL: Final = "transactional"
MARKETING: Final = "marketing"
CLASSES: Final = (OTP, TRANSACTIONAL, MARKETING)


class Message(msgspec.Struct, kw_only=True):
    """A row of `messages`. The order of the fields is the order of the columns."""

    # identity and content; fixed at acceptance
    id: str
    account_id: str
    test: bool
    direction: str = "outbound"
    channel: str = "sms"
    sender: str
    recipient: str
    text: str
    encoding: str
    segments: int
    class_: str
    priority: int = 0
    country: str | None = None
    network: str | None = None
    reference: str | None = None
    tags: str | None = None
    batch_id: str | None = None
    campaign_id: str | None = None
    chain_id: str | None = None
    status_callback: str | None = None
    on_unknown: str = "resend"
    pinned_route: str | None = None
    content: str | None = None
    origin: str | None = None
    price: int = 0
    currency: str = "EUR"
    created_at: int
    scheduled_at: int | None = None
    expires_at: int
    # state
    status: str
    version: int = 1
    sequence: int = 0
    claim: int = UNCLAIMED
    due_at: int | None = None
    route_id: str | None = None
    carrier_id: str | None = None
    carriers_tried: str | None = None
    sender_used: str | None = None
    attempts: int = 0
    duplicates: int = 0
    error_code: str | None = None
    carrier_code: str | None = None
    queued_at: int | None = None
    sent_at: int | None = None
    done_at: int | None = None
    redacted_at: int | None = None
    held_for: str | None = None
    # set by edits and releases only
    not_before: int | None = None
    notices: str | None = None
    paid_above: str | None = None
    # fixed at acceptance
    limited_by: str | None = None

    @property
    def held_by_rule(self) -> bool:
        """Whether a rule holds the message: then no carrier has it. After an unknown outcome one may have it."""
        return self.held_for is not None and self.held_for != statuses.OUTCOME_UNKNOWN

    @property
    def tenant(self) -> Tenant:
        """The tenant of the message."""
        return Tenant(self.account_id, self.test)


COLUMNS: Final = tuple(Message.__struct_fields__)

#: The columns that a change may set; `message_change` writes all of them.
_MUTABLE: Final = slice(COLUMNS.index("status"), COLUMNS.index("not_before"))
MUTABLE: Final = COLUMNS[_MUTABLE]

#: The columns of a waiting message that an edit or a release may change; `message_edit` writes them.
EDITABLE: Final = (
    *("sender", "text", "encoding", "segments", "class_", "priority", "reference", "tags", "status_callback"),
    *("on_unknown", "pinned_route", "content", "origin", "price", "scheduled_at", "expires_at"),
    *("version", "sequence", "claim", "due_at", "route_id", "carrier_id", "status", "queued_at"),
    *("held_for", "not_before", "notices", "paid_above"),
)

#: The columns that `message_insert_plain` writes. It is for messages whose other columns have their default.
PLAIN: Final = (
    *("id", "account_id", "test", "sender", "recipient", "text", "encoding", "segments", "class_", "country"),
    *(
        "network",
        "reference",
        "batch_id",
        "status_callback",
        "origin",
        "price",
        "currency",
        "created_at",
        "expires_at",
        "status",
    ),
    *("claim", "due_at", "route_id", "carrier_id", "queued_at"),
)

#: The changes that nearly every message makes: the status, the statement, and the columns that it writes. A change of
#: any other column writes all of MUTABLE.
USUAL_CHANGES: Final = {
    statuses.SENT: (
        "message_sent",
        ("status", "version", "sequence", "claim", "due_at", "sender_used", "attempts", "sent_at"),
    ),
    statuses.DELIVERED: ("message_delivered", ("status", "version", "sequence", "due_at", "done_at")),
}

#: What a channel adds to the view if it adds nothing.
_NOTHING: Final[Mapping[str, Any]] = {}

#: The final statuses with a time of their own in the view, each with the name of that field.
_ENDS: Final = {
    status: f"{status}_at"
    for status in ("delivered", "undelivered", "unconfirmed", "failed", "expired", "canceled")
}


def _columns(names: Iterable[str]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """Return a function that takes these columns out of a row of all columns."""
    return itemgetter(*(COLUMNS.index(name) for name in names))


_plain = _columns(PLAIN)
_not_plain = _columns(name for name in COLUMNS if name not in PLAIN)
_DEFAULTS: Final = tuple(
    field.default for field in msgspec.structs.fields(Message) if field.name not in PLAIN
)


class _Usual(NamedTuple):
    """A usual change: its statement, what it writes of a row, and what it leaves as it was."""

    statement: str
    written: Callable[[tuple[Any, ...]], tuple[Any, ...]]
    others: Callable[[tuple[Any, ...]], tuple[Any, ...]]


_USUAL: Final = {
    status: _Usual(statement, _columns(names), _columns(name for name in MUTABLE if name not in names))
    for status, (statement, names) in USUAL_CHANGES.items()
}


def public_view(message: Message, own: Mapping[str, Any] = _NOTHING) -> dict[str, Any]:
    """The message object of the API, with the fields that its channel adds (`own`). Other parts ask
    `core.channel.Channels.view`."""
    text = times.to_text
    view: dict[str, Any] = {
        "id": message.id,
        "status": message.status,
        "held_for": message.held_for,
        "direction": message.direction,
        "channel": message.channel,
        "from": message.sender,
        "sender_used": message.sender_used,
        "to": message.recipient,
        "text": message.text if message.redacted_at is None else None,
        **own,
        "class": message.class_,
        "priority": message.priority,
        "price": money.to_text(message.price),
        "currency": message.currency,
        "country": message.country,
        "network": message.network,
        "error": None if message.error_code is None else _error_view(message),
        "notices": notices.shown(message.notices) if message.notices else [],
        "reference": message.reference,
        "tags": msgspec.json.decode(message.tags) if message.tags else [],
        "batch_id": message.batch_id,
        "campaign_id": message.campaign_id,
        "chain_id": message.chain_id,
        "test": bool(message.test),
        "duplicates": message.duplicates,
        "expires_at": text(message.expires_at),
        "created_at": text(message.created_at),
        "scheduled_at": None if message.scheduled_at is None else text(message.scheduled_at),
        "not_before": None if message.not_before is None else text(message.not_before),
        "queued_at": None if message.queued_at is None else text(message.queued_at),
        "sent_at": None if message.sent_at is None else text(message.sent_at),
        "redacted_at": None if message.redacted_at is None else text(message.redacted_at),
        "received_at": None,
        "incomplete": False,
        "delivered_at": None,
        "undelivered_at": None,
        "unconfirmed_at": None,
        "failed_at": None,
        "expired_at": None,
        "canceled_at": None,
    }
    if message.direction == INBOUND:
        view["received_at"] = view["created_at"]
    if message.done_at and message.status in _ENDS:
        view[_ENDS[message.status]] = text(message.done_at)
    return view


def _error_view(message: Message) -> dict[str, Any]:
    kind = errors.CATALOGUE[message.error_code or ""]
    return {
        "code": kind.code,
        "title": kind.title,
        "retryable": kind.retryable,
        "scope": kind.scope,
        "carrier_code": message.carrier_code,
    }


class Attempt(msgspec.Struct, kw_only=True):
    """A row of `attempts`: one segment handed once to one carrier. The key is (message_id, attempt, segment).

    `outcome` is one of the five names of `core.outcomes`; `state` is the last state from receipts (None, enroute,
    delivered, undelivered). `carrier_message_id` is as written by the carrier, `match_id` the notation by which
    receipts are matched. `found_at` is set if the outcome was unknown at first and became known later. `sender` is
    the sender that was used, None if it is the message's own. `cost` is what the carrier takes for the segment, in
    micro-units of `currency`; both are None if it takes nothing.
    """

    message_id: str
    attempt: int
    segment: int
    segments: int
    account_id: str
    carrier_id: str
    bind: str | None
    concat_reference: int | None
    outcome: str
    carrier_message_id: str | None
    match_id: str | None
    carrier_code: str | None
    error_code: str | None
    submitted_at: int
    answered_at: int
    state: str | None = None
    state_code: str | None = None
    state_at: int | None = None
    found_at: int | None = None
    sender: str | None = None
    cost: int | None = None
    currency: str | None = None


class Change(msgspec.Struct, kw_only=True):
    """One step in the life of a message, which effects (billing, events) turn into further writes.

    `before` is None at acceptance. `event` is the type of the event it causes, or None.
    """

    before: Message | None
    after: Message
    event: str | None
    at: int


def is_final(message: Message) -> bool:
    """Whether the message has a final status."""
    return message.status in statuses.TERMINAL


def from_row(row: tuple[Any, ...]) -> Message:
    """A row of `SELECT * FROM messages` as a message."""
    message = Message(**dict(zip(COLUMNS, row, strict=True)))
    message.test = bool(message.test)
    return message


def attempt_from_row(row: tuple[Any, ...]) -> Attempt:
    """A row of `SELECT * FROM attempts` as an attempt."""
    return Attempt(**dict(zip(Attempt.__struct_fields__, row, strict=True)))


def insertion(message: Message) -> tuple[str, tuple[Any, ...]]:
    """The write that inserts a message."""
    row = msgspec.structs.astuple(message)
    if _not_plain(row) == _DEFAULTS:
        return "message_insert_plain", _plain(row)
    return "message_insert", row


def changing(before: Message, after: Message) -> tuple[str, tuple[Any, ...]]:
    """The guard that writes a change; it holds for the version of `before`."""
    row = msgspec.structs.astuple(after)
    usual = _USUAL.get(after.status)
    if usual is not None and usual.others(row) == usual.others(msgspec.structs.astuple(before)):
        return usual.statement, (after.id, before.version, *usual.written(row))
    return "message_change", (after.id, before.version, *row[_MUTABLE])


def edit_row(before: Message, after: Message) -> tuple[Any, ...]:
    """The row of `message_edit`, guarded by the version of `before`."""
    return (after.id, before.version, *(getattr(after, name) for name in EDITABLE))
