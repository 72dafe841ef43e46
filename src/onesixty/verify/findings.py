"""What is wrong with a text of a verification, as preview and profiles tell it."""

from __future__ import annotations

from typing import Literal

import msgspec

#: An error keeps a profile from being saved. A warning tells of phones that may not read the code.
Level = Literal["error", "warning"]


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One finding: a stable code, a sentence, and the words at fault with their place in the text (code points,
    `end` is after the last one). `language` is the language of the text, if several were checked."""

    code: str
    level: Level
    text: str
    words: str = ""
    start: int = 0
    end: int = 0
    language: str = ""
