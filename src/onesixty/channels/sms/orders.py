"""What a caller asks of a text message: an order, an edit, and what both ask of its text."""

from __future__ import annotations

from typing import ClassVar, Final

import msgspec
from msgspec import UNSET, UnsetType

from onesixty.channels.sms.content import Content
from onesixty.core.orders import Edit, Order

SMS: Final = "sms"


class Words(msgspec.Struct, kw_only=True):
    """What an edit asks of the text of a message, with the fields of a `SendOrder`. `had_segments` is the number of
    segments that a message whose text stays already has: it may keep them.
    """

    text: str
    binary: bytes | None = None
    content: Content | None = None
    encoding: str = "auto"
    language: str | None = None
    transliterate: bool = False
    max_segments: int | None = None
    had_segments: int = 0


class SendOrder(Order, kw_only=True):
    """One text message to send.

    `binary` are the octets of a binary message; its `text` is then empty. `content` holds options beyond plain text;
    `language` determines the shift tables in it.
    """

    channel: ClassVar[str] = SMS
    had_segments: ClassVar[int] = 0

    text: str
    binary: bytes | None = None
    content: Content | None = None
    encoding: str = "auto"
    language: str | None = None
    transliterate: bool = False
    max_segments: int | None = None


class TextEdit(Edit, kw_only=True):
    """The changes to a text message. `binary` are octets. `content` is that of the new text or octets, as a whole;
    `flash` and `udh` (hex, with its length octet) are single fields of it.
    """

    channel: ClassVar[str] = SMS

    text: str | UnsetType = UNSET
    binary: bytes | UnsetType = UNSET
    content: Content | UnsetType | None = UNSET
    flash: bool | UnsetType = UNSET
    udh: str | UnsetType | None = UNSET
    encoding: str | UnsetType = UNSET
    language: str | UnsetType | None = UNSET
    transliterate: bool | UnsetType = UNSET
    max_segments: int | UnsetType | None = UNSET
