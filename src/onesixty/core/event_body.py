"""The stored form and the public form of an event: `{id, type, created_at, sequence, data}`.

Rules kept here:
- `data` of an event about a message is the message as `GET` showed it after that change. It never changes, except by
  a redaction;
- an event of a plain text message that no longer waits keeps only a `state`: the columns that may still change, where
  they are not as expected after such an event. All else is read from the message when the event is told. A
  redaction of the message so redacts its events too;
- an event of any other message, whose content may change or belongs to its channel, keeps what differs from `USUAL`,
  without the id;
- missing fields are read from `USUAL` and `_expected`, so their values never change. A new field of the view may be
  added, with the value that it has for older messages;
- of a message of another channel than SMS, the fields that only its channel has are stored together under `own`.
  Redaction takes all of them;
- an event that is not about a message keeps its `data` whole.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

import msgspec

from onesixty.core import statuses, times
from onesixty.core.message import INBOUND, MUTABLE, Message, from_row, public_view

#: Every field of the view of a text message, in order, with its usual value.
USUAL: Final[dict[str, Any]] = {
    "id": None,
    "status": None,
    "held_for": None,
    "direction": "outbound",
    "channel": "sms",
    "from": None,
    "sender_used": None,
    "to": None,
    "text": None,
    "encoding": "gsm7",
    "segments": 1,
    "flash": False,
    "binary": None,
    "udh": None,
    "template": None,
    "class": "transactional",
    "priority": 0,
    "price": "0.00",
    "currency": None,
    "country": None,
    "network": None,
    "error": None,
    "notices": [],
    "reference": None,
    "tags": [],
    "batch_id": None,
    "campaign_id": None,
    "chain_id": None,
    "test": False,
    "duplicates": 0,
    "expires_at": None,
    "created_at": None,
    "scheduled_at": None,
    "not_before": None,
    "queued_at": None,
    "sent_at": None,
    "redacted_at": None,
    "received_at": None,
    "incomplete": False,
    "delivered_at": None,
    "undelivered_at": None,
    "unconfirmed_at": None,
    "failed_at": None,
    "expired_at": None,
    "canceled_at": None,
}

_SMS: Final = "sms"
#: The encodings of plain texts: what their messages show is in the columns.
_TEXTS: Final = frozenset({"gsm7", "ucs2"})

#: Shows a message as the API does.
View = Callable[[Message], dict[str, Any]]

#: The fields that messages of all channels have.
COMMON: Final = {
    name: usual
    for name, usual in USUAL.items()
    if name not in ("encoding", "segments", "flash", "binary", "udh", "template")
}

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode
#: `USUAL` as a struct: msgspec fills in the usual values. A field ends in `_`, since some names are keywords.
_Text: Final[Any] = msgspec.defstruct(
    "_Text", [(f"{name}_", Any, value) for name, value in USUAL.items()], rename=lambda name: name[:-1]
)
_decode_text = msgspec.json.Decoder(_Text).decode


#: The columns of a change that no view shows, or that a redaction sets.
_HIDDEN: Final = frozenset(
    ("version", "sequence", "claim", "due_at", "route_id", "carrier_id", "carriers_tried", "attempts")
) | {"redacted_at"}
_SHOWN: Final = tuple(name for name in MUTABLE if name not in _HIDDEN)
_shown = attrgetter(*_SHOWN)
_DEFAULTS: Final[dict[str, Any]] = {
    field.name: None if field.default is msgspec.NODEFAULT else field.default
    for name in _SHOWN
    for field in msgspec.structs.fields(Message)
    if field.name == name
}
#: The columns of a state that are the same after nearly every event.
_ALIKE: Final = tuple(
    name for name in _SHOWN if name not in ("status", "sender_used", "queued_at", "sent_at", "done_at")
)
_alike = attrgetter(*_ALIKE)
_AS_USUAL: Final = tuple(_DEFAULTS[name] for name in _ALIKE)
_SENT: Final = f"message.{statuses.SENT}"
_DELIVERED: Final = f"message.{statuses.DELIVERED}"


def _expected(message: Message, type_: str, at: int) -> dict[str, Any]:
    """The columns that a state may hold, as they are after most events of this type."""
    found = _DEFAULTS.copy()
    status = found["status"] = type_.removeprefix("message.")
    found["sender_used"] = message.sender
    found["queued_at"] = message.created_at
    if status == statuses.SENT:
        found["sent_at"] = at
    elif status in statuses.TERMINAL:
        found["done_at"] = at
    return found


def stored(
    message: Message, type_: str, at: int, view: View, *, heard: bool = True
) -> tuple[str, str | None]:
    """The params `data` and `state` of an event about a message. `view` shows messages of every channel.

    Beside a state, `data` is whole, for those who tell the event at once, and is not stored. It is empty if nobody is
    known to do so (`heard` is false): whoever does after all reads the row.
    """
    if (
        message.status in statuses.WAITING
        or message.content is not None
        or message.channel != _SMS
        or message.encoding not in _TEXTS
    ):
        return kept(view(message)), None
    state = _usual_state(message, type_, at)
    if state is None:
        expected = _expected(message, type_, at)
        differs = {
            name: value
            for (name, usual), value in zip(expected.items(), _shown(message), strict=True)
            if value != usual
        }
        state = _encode(differs).decode()
    return _encode(_view(message)).decode() if heard else "", state


def _usual_state(message: Message, type_: str, at: int) -> str | None:
    """The state after an event that nearly every message has; None after others."""
    if (
        _alike(message) != _AS_USUAL
        or message.sender_used != message.sender
        or message.queued_at != message.created_at
    ):
        return None
    if type_ == _SENT:
        as_usual = message.status == statuses.SENT and message.sent_at == at and message.done_at is None
        return "{}" if as_usual else None
    if type_ == _DELIVERED and message.status == statuses.DELIVERED and message.done_at == at:
        return "{}" if message.sent_at is None else f'{{"sent_at":{message.sent_at}}}'
    return None


def kept(view: dict[str, Any]) -> str:
    """The column `data` of an event about a message."""
    usual = USUAL
    if view["channel"] == _SMS:
        return _encode({k: v for k, v in view.items() if k != "id" and v != usual[k]}).decode()
    differs = {k: v for k, v in view.items() if k in COMMON and k != "id" and v != usual[k]}
    return _encode(differs | {"own": {k: v for k, v in view.items() if k not in COMMON}}).decode()


def kept_whole(data: dict[str, Any]) -> str:
    """The column `data` of an event that is not about a message."""
    return _encode(data).decode()


def told(
    id_: str, type_: str, created_at: int, sequence: int, message_id: str | None, data: str,
    state: str | None = None, *message: Any,
) -> str:  # fmt: skip
    """The body of an event, from its row and its message's: what webhooks and the live feed send."""
    if state is not None and any(message):
        data = _encode(_view(_as_it_was(from_row(message), type_, created_at, state))).decode()
    elif message_id is not None:
        text = _decode_text(data or "{}")  # a state without its message, against all rules
        if text.channel_ == _SMS:
            text.id_ = message_id
            data = _encode(text).decode()
        else:
            differs = _decode(data)
            own = differs.pop("own", None) or {}
            data = _encode({**COMMON, "id": message_id, **differs, **own}).decode()
    return told_whole(id_, type_, created_at, sequence, data)


def told_whole(id_: str, type_: str, created_at: int, sequence: int, data: str) -> str:
    """The body of an event whose `data` is whole."""
    return (
        f'{{"id":"{id_}","type":"{type_}","created_at":"{times.to_text(created_at)}",'
        f'"sequence":{sequence},"data":{data}}}'
    )


def _as_it_was(message: Message, type_: str, at: int, state: str) -> Message:
    """The message as it was after an event."""
    for name, value in {**_expected(message, type_, at), **msgspec.json.decode(state)}.items():
        setattr(message, name, value)
    return message


def _view(message: Message) -> dict[str, Any]:
    """The view of a plain text message in an event: a redacted number is null."""
    own = {
        "encoding": message.encoding, "segments": message.segments, "flash": False, "binary": None, "udh": None,
        "template": None,
    }  # fmt: skip
    view = public_view(message, own)
    if message.redacted_at is not None:
        view["from" if message.direction == INBOUND else "to"] = None
    return view
