"""What a message holds beside its text: a small JSON column, empty for most.

Rules kept here:
- `Message.content` is None for plain text in the alphabets of its `encoding`; a door that asks for more says it here,
  and what a carrier cannot carry is skipped, never fed less;
- fields left at their default are not stored.
"""

from __future__ import annotations

from typing import Final

import msgspec

#: `Message.encoding` of a binary message: its `text` is then the payload in base64.
BINARY: Final = "binary"


class Content(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """What a message is beside plain text.

    `flash` is message class 0 (3GPP TS 23.038, section 4). `udh` is the caller's own user data header in hex, with
    its length octet. `single_shift` and `locking_shift` are national language identifiers (3GPP TS 23.040,
    9.2.3.24.15); 0 is the default alphabet. `protocol_id`, `data_coding`, `dest_addr_subunit` (2 to 4; 1 is
    `flash`) and `reply_path` are as an SMPP customer, or the handset of an inbound message, asked for them. `tlvs`
    are optional parameters for the handset: tag and octets in hex. `headers` are the headers of a message whose
    parts have different ones: what each part has beside concatenation, in hex, "" for nothing. `cuts` is then where
    each part ends, in code points of the text or in octets; such a message is never cut anew. Of an inbound message
    `parts` are the places of the parts that came, when `total` were announced and not all came. `noted` is what
    could not be read of it.
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

    @property
    def has_header(self) -> bool:
        """Whether segments have elements in their header beside concatenation."""
        return bool(self.udh or self.headers or self.single_shift or self.locking_shift)


_encode = msgspec.json.Encoder().encode
_content = msgspec.json.Decoder(Content).decode
_PLAIN: Final = Content()


def to_text(value: Content) -> str | None:
    """The column's text; None for a content that says nothing."""
    return None if value == _PLAIN else _encode(value).decode()


def content_of(column: str | None) -> Content:
    """The content of a message; all defaults when the column is empty."""
    return _PLAIN if column is None else _content(column)
