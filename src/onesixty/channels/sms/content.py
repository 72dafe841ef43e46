"""The content of a text message besides its text: a small JSON column, empty for most messages.

Rules kept here:
- `Message.content` is None for plain text in the alphabet of its `encoding`. A door that needs more sets it here. A
  carrier that cannot carry it is skipped; the content is never reduced;
- fields with their default are not stored.
"""

from __future__ import annotations

from typing import Final

import msgspec

from onesixty.core.message import Message

#: The `Message.encoding` of a binary message; its `text` is the payload in base64.
BINARY: Final = "binary"


class Registered(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Ids under which a text is registered in a country, by name: for one carrier, or for all (None)."""

    country: str
    ids: dict[str, str]
    carrier: str | None = None


class MadeFrom(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The template that a text was made from: its id, the number of its version, and the language of the text.
    `registered` are the registrations of the text; of several that fit a message, a later one wins."""

    id: str
    version: int
    language: str
    registered: tuple[Registered, ...] = ()


class Content(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The content of a message besides plain text.

    `flash` is message class 0 (3GPP TS 23.038, section 4). `udh` is the caller's own user data header in hex, with
    its length octet. `single_shift` and `locking_shift` are national language identifiers (3GPP TS 23.040,
    9.2.3.24.15); 0 is the default alphabet. `protocol_id`, `data_coding`, `dest_addr_subunit` (2 to 4; 1 is
    `flash`) and `reply_path` are as requested by an SMPP customer, or set by the handset of an incoming message.
    `tlvs` are optional parameters for the handset: tag and octets in hex. `headers` are used if the parts of a
    message have different headers: for each part, its header without concatenation in hex, "" for none. `cuts` then
    are the ends of the parts, in code points of the text or in octets; such a message is never split again. If
    parts of an incoming message are missing, `parts` are the numbers of those that arrived, and `total` is how many
    were announced. `noted` describes what could not be read. `made_from` is the template of the text, until an edit
    replaces the text.
    """

    flash: bool = False
    udh: str | None = None
    single_shift: int = 0
    locking_shift: int = 0
    protocol_id: int | None = None
    data_coding: int | None = None
    replace_if_present: bool = False
    service_type: str | None = None
    parts: tuple[int, ...] | None = None
    total: int | None = None
    dest_addr_subunit: int | None = None
    reply_path: bool = False
    tlvs: tuple[tuple[int, str], ...] = ()
    headers: tuple[str, ...] = ()
    cuts: tuple[int, ...] = ()
    noted: tuple[str, ...] = ()
    made_from: MadeFrom | None = None

    @property
    def has_header(self) -> bool:
        """Whether segments have header elements besides concatenation."""
        return bool(self.udh or self.headers or self.single_shift or self.locking_shift)


_encode = msgspec.json.Encoder().encode
_content = msgspec.json.Decoder(Content).decode
_PLAIN: Final = Content()


def to_text(value: Content) -> str | None:
    """The text of the column; None if all fields have their defaults."""
    return None if value == _PLAIN else _encode(value).decode()


def registration(content: Content, message: Message) -> dict[str, str]:
    """The ids under which the text of a message is registered in its country, with the carrier that it goes over."""
    found: dict[str, str] = {}
    if content.made_from is None:
        return found
    for wanted in dict.fromkeys((None, message.carrier_id)):
        for one in content.made_from.registered:
            if one.country == message.country and one.carrier == wanted:
                found |= one.ids
    return found


def content_of(column: str | None) -> Content:
    """The content of a message; all defaults if the column is empty."""
    return _PLAIN if column is None else _content(column)
