"""Makes a message of what a handset sent: its text or octets, encoding, segments and content."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from onesixty import numbers, text
from onesixty.channels.sms import content, parts
from onesixty.core.channel import Missing, Place, Received
from onesixty.core.contracts import InboundMessage
from onesixty.core.storable import storable


def place_of(inbound: InboundMessage) -> Place | None:
    """Which part of a message this is; None for a message in one piece."""
    return None if inbound.text is not None else parts.place_of(inbound.udh, inbound.sar)


def identity_of(inbound: InboundMessage) -> tuple[str | bytes, ...]:
    """What identifies the content: the header, and the text or octets."""
    return inbound.udh, inbound.text if inbound.text is not None else inbound.payload


def received(pieces: Sequence[InboundMessage], missing: Missing | None = None) -> Received:
    """The message of these parts, which are in order: all of them, or those that arrived."""
    first = pieces[0]
    said, encoding, segments, extra = _said(pieces)
    if missing is not None:
        extra["parts"], extra["total"] = missing
    return Received(
        text=said,
        encoding=encoding,
        units=segments,
        content=content.to_text(content.Content(**extra)),
        country=_country(first.sender),
        words=said if encoding != content.BINARY else "",
    )


def _said(pieces: Sequence[InboundMessage]) -> tuple[str, str, int, dict[str, Any]]:
    """The text (binary: base64), its encoding, its number of segments, and further fields of `Content`."""
    first = pieces[0]
    if first.text is not None:
        said = storable(first.text)
        return said, *_counted(said), {}
    whole = parts.read(
        [parts.Octets(part.payload, part.udh, part.data_coding) for part in pieces], first.alphabet
    )
    noted = dict.fromkeys(note for part in pieces for note in part.noted)
    extra: dict[str, Any] = {
        "flash": whole.flash,
        "udh": whole.udh,
        "data_coding": text.scheme_of(first.data_coding, cast("text.Alphabet", first.alphabet)),
        "protocol_id": first.protocol_id or None,
        "reply_path": first.reply_path,
        "noted": tuple(noted),
    }
    if whole.binary is not None:
        return parts.as_text(whole.binary), content.BINARY, len(pieces), extra
    return whole.text, whole.encoding or _counted(whole.text)[0], len(pieces), extra


def _counted(said: str) -> tuple[str, int]:
    """The encoding that the text would be sent in, and its number of segments."""
    try:
        counted = text.count(said)
    except text.TextError:
        return "ucs2", text.MAX_SEGMENTS
    return counted.encoding, max(1, counted.segments)


def _country(sender: str) -> str | None:
    if not sender.startswith("+"):
        return None
    try:
        return numbers.parse(sender).country
    except numbers.InvalidNumber:
        return None
