"""The body of the answer to a send: the message object, with `message_id` and `recipient` beside it.

Most of it is the same for most messages: what a message has of its own is a few fields. So the rest is encoded once,
as a template, and an answer fills in the fields. The template is made from the view itself (`channels.sms.view`) and
is used only if it gives the same bytes: a new column needs no change here.

Making a template costs several times as much as the view. So whatever callers choose freely is filled in, not part of
a template: no choice of senders or tags makes answers slower.
"""

from __future__ import annotations

from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

import msgspec

from onesixty.channels.sms.view import sms_view
from onesixty.core import money, notices, times
from onesixty.core.message import COLUMNS, Message

_ENCODE: Final = msgspec.json.Encoder().encode

#: What a message has of its own: the members of the body, in their order, and the columns behind them.
_OWN: Final = {
    "message_id": "id",
    "recipient": "recipient",
    "id": "id",
    "from": "sender",
    "to": "recipient",
    "text": "text",
    "price": "price",
    "country": "country",
    "reference": "reference",
    "tags": "tags",
    "expires_at": "expires_at",
    "created_at": "created_at",
    "scheduled_at": "scheduled_at",
    "queued_at": "queued_at",
}
#: What a message may have of its own that no view shows.
_HIDDEN: Final = {
    *("account_id", "status_callback", "on_unknown", "pinned_route", "origin"),
    *("claim", "due_at", "route_id", "carrier_id", "limited_by"),
}
_SHARED: Final = tuple(name for name in COLUMNS if name not in _HIDDEN.union(_OWN.values()))
_shared = attrgetter(*_SHARED)
#: Stands for an own value while a template is made: JSON has no such character.
_MARK: Final = msgspec.Raw(b"\0")
#: Own values to make a template of, and to try it with: all differ.
_SAMPLES: Final[tuple[dict[str, Any], ...]] = (
    {
        "id": "msg_01h455vb4pex5vsknk084sn02q",
        "account_id": "acc_01h455vb4pex5vsknk084sn02q",
        "sender": "One",
        "recipient": "+15551234567",
        "text": "one",
        "created_at": 1,
        "expires_at": 2,
    },
    {
        "id": "msg_01h455vb4pex5vsknk084sn02r",
        "account_id": "acc_01h455vb4pex5vsknk084sn02r",
        "sender": "Two",
        "recipient": "+15557654321",
        "text": "two",
        "price": 7_500,
        "country": "US",
        "reference": "order",
        "tags": '["three"]',
        "created_at": 3_001,
        "scheduled_at": 4_001,
        "queued_at": 5_001,
        "expires_at": 6_001,
    },
)


def sent_body(message: Message, *, changes: bool = False) -> bytes:
    """The body for a message that was accepted now. `changes` shows which characters were replaced."""
    template = None
    if message.notices is None and message.content is None and not changes:
        template = _template(_shared(message))
    if template is not None:
        return (template % _own(message)).encode()
    view = _view(message)
    if changes:
        view["changes"] = notices.replaced(message.notices)
    return _ENCODE(view)


def _view(message: Message) -> dict[str, Any]:
    view: dict[str, Any] = {
        "message_id": message.id,
        "status": message.status,
        "recipient": message.recipient,
    }
    view.update(sms_view(message))
    return view


@lru_cache(maxsize=1024)
def _template(shared: tuple[Any, ...]) -> str | None:
    """The body of messages with these fields, with `%s` in the places of `_own`; None for messages that show their
    own fields in another way, such as binary ones."""
    fields = dict(zip(_SHARED, shared, strict=True))
    messages = [Message(**fields, **sample) for sample in _SAMPLES]
    marked = _view(messages[0]) | dict.fromkeys(_OWN, _MARK)
    template = _ENCODE(marked).decode().replace("%", "%%").replace("\0", "%s")
    fits = all((template % _own(message)).encode() == _ENCODE(_view(message)) for message in messages)
    return template if fits else None


def _own(message: Message) -> tuple[str, ...]:
    """The values of `_OWN` in JSON."""
    id_, recipient = f'"{message.id}"', f'"{message.recipient}"'
    country, reference = message.country, message.reference
    created_at, queued_at, scheduled_at = message.created_at, message.queued_at, message.scheduled_at
    created = queued = f'"{times.to_text(created_at)}"'
    if queued_at != created_at:
        queued = "null" if queued_at is None else f'"{times.to_text(queued_at)}"'
    return (
        id_,
        recipient,
        id_,
        _ENCODE(message.sender).decode(),
        recipient,
        _ENCODE(message.text).decode(),
        f'"{money.to_text(message.price)}"',
        "null" if country is None else f'"{country}"',
        "null" if reference is None else _ENCODE(reference).decode(),
        message.tags or "[]",
        f'"{times.to_text(message.expires_at)}"',
        created,
        "null" if scheduled_at is None else f'"{times.to_text(scheduled_at)}"',
        queued,
    )
