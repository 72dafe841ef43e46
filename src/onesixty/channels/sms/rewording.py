"""What an edit asks of the text of a waiting message.

Rules kept here:
- what the edit does not name stays: a text that stays keeps its encoding and its options, and may keep its segments;
- the cuts of a message whose sender cut it end with its old text, and so does the template that it was made from.
"""

from __future__ import annotations

from base64 import b64decode
from typing import TypeVar

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from onesixty.channels.sms.content import BINARY, Content, content_of
from onesixty.channels.sms.orders import TextEdit, Words
from onesixty.core.errors import Problem
from onesixty.core.message import Message

_T = TypeVar("_T")


def reworded(message: Message, edit: TextEdit) -> Words:
    """What the edit asks of the text. Raises Problem."""
    new_words = edit.text is not UNSET or edit.binary is not UNSET
    had = content_of(message.content)
    asked = _or_else(edit.content, replace(had, single_shift=0, locking_shift=0)) or Content()
    asked = replace(asked, flash=_or_else(edit.flash, asked.flash), udh=_or_else(edit.udh, asked.udh))
    if asked.cuts and (new_words or edit.udh is not UNSET or edit.transliterate is not UNSET):
        if edit.udh is UNSET:
            raise Problem(
                "invalid_field",
                "`udh` is missing: the parts of this message have their own headers, which do not "
                "fit a new text.",
                param="text",
            )
        asked = replace(asked, headers=(), cuts=())
    asked = replace(asked, made_from=_or_else(edit.made_from, None if new_words else had.made_from))
    was_binary = message.encoding == BINARY
    return Words(
        text=_or_else(edit.text, "" if was_binary else message.text),
        binary=_octets(message, edit),
        content=None if asked == Content() else asked,
        encoding=_or_else(edit.encoding, "auto" if new_words or was_binary else message.encoding),
        language=_or_else(edit.language, None),
        transliterate=_or_else(edit.transliterate, False),
        max_segments=_or_else(edit.max_segments, None),
        had_segments=0 if new_words or edit.max_segments is not UNSET else message.segments,
    )


def _octets(message: Message, edit: TextEdit) -> bytes | None:
    if not isinstance(edit.binary, UnsetType):
        return edit.binary
    if message.encoding == BINARY and edit.text is UNSET:
        return b64decode(message.text)
    return None


def _or_else(new: _T | UnsetType, old: _T) -> _T:
    return old if isinstance(new, UnsetType) else new
