"""What is wrong with a text of a verification, as preview and profiles tell it."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

#: An error keeps a profile from being saved. A warning tells of phones that may not read the code.
Level = Literal["error", "warning"]

#: All codes of findings: of the code itself, of the words around it, of other digits, and of the last line.
CODES: Final = (
    *(
        "code_length",
        "code_without_digit",
        "code_foreign_digits",
        "code_divided",
        "code_touched",
        "bidi_touches",
    ),
    *("no_word_for_code", "code_alone", "code_late", "code_missing", "code_cut"),
    *("other_digits", "foreign_digits", "amount_before_code", "link", "emoji"),
    *("retriever_too_long", "retriever_bytes", "origin_not_last", "origin_not_first"),
)


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
