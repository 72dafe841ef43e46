"""What a caller asks of the text of a message. `wording` makes content and segments of it."""

from __future__ import annotations

import msgspec

from onesixty.channels.sms.content import Content


class Words(msgspec.Struct, kw_only=True):
    """What a caller asks of the text of a message.

    `binary` are the octets of a binary message; its `text` is then empty. `content` holds options beyond plain text;
    `language` determines the shift tables in it. `had_segments` is the number of segments that a message whose text
    stays already has: it may keep them.
    """

    text: str
    binary: bytes | None = None
    content: Content | None = None
    encoding: str = "auto"
    language: str | None = None
    transliterate: bool = False
    max_segments: int | None = None
    had_segments: int = 0
