"""The stored form and the public form of an event: `{id, type, created_at, sequence, data}`.

Rules kept here:
- `data` of an event about a message is the message as `GET` showed it after that change, and never changes;
- the stored form has only what differs from `USUAL`, without the id, which is in the row: a third of the octets;
- missing fields are read from `USUAL`, so its entries never change. A new field of the view may be added, with the
  value that it has for older messages;
- of a message of another channel than SMS, the fields that only its channel has are stored together under `own`.
  Redaction takes all of them;
- an event that is not about a message keeps its `data` whole.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from onesixty.core import times

#: Every field of the view of a text message, in order, with its usual value.
USUAL: Final[dict[str, Any]] = {
    "id": None,
    "status": None,
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
    "class": "transactional",
    "priority": 0,
    "price": "0.00",
    "currency": None,
    "country": None,
    "network": None,
    "error": None,
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

#: The fields that messages of all channels have.
COMMON: Final = {
    name: usual
    for name, usual in USUAL.items()
    if name not in ("encoding", "segments", "flash", "binary", "udh")
}

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode
#: `USUAL` as a struct: msgspec fills in the usual values. A field ends in `_`, since some names are keywords.
_Text: Final[Any] = msgspec.defstruct(
    "_Text", [(f"{name}_", Any, value) for name, value in USUAL.items()], rename=lambda name: name[:-1]
)
_decode_text = msgspec.json.Decoder(_Text).decode


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


def told(id_: str, type_: str, created_at: int, sequence: int, message_id: str | None, data: str) -> str:
    """The body of an event, from its row: what webhooks and the live feed send."""
    if message_id is not None:
        text = _decode_text(data)
        if text.channel_ == _SMS:
            text.id_ = message_id
            data = _encode(text).decode()
        else:
            differs = _decode(data)
            own = differs.pop("own", None) or {}
            data = _encode({**COMMON, "id": message_id, **differs, **own}).decode()
    return (
        f'{{"id":"{id_}","type":"{type_}","created_at":"{times.to_text(created_at)}",'
        f'"sequence":{sequence},"data":{data}}}'
    )
