"""Which characters make a text dear: what a preview shows before anything is sent.

A character costs more than the others in two ways: it is not in GSM-7 and so turns the whole text into
UCS-2 (70 characters to a segment in place of 160), or it is in the extension table and takes two septets.
The bill is shown three times: as the text stands, as transliteration would make it, and without the characters
that force UCS-2.
"""

from __future__ import annotations

import unicodedata
from typing import Literal, NamedTuple

from .gsm0338 import EXTENSION_TABLE, fold, offending
from .plan import Count, EncodingChoice, count
from .transliteration import look_alike, transliterate

Why = Literal["ucs2", "two_septets"]

_TWO_SEPTETS = frozenset(EXTENSION_TABLE.values())


class Costly(NamedTuple):
    """A character that costs more, everywhere it stands.

    `code_point` is written U+2019; `name` is Unicode's, "" when it has none. `why` is `ucs2` (not in
    GSM-7) or `two_septets`. `positions` are in code points from 0. `look_alike` is what transliteration
    would write: "" if it goes away, None if nothing looks like it; for `two_septets` always None.
    """

    character: str
    code_point: str
    name: str
    why: Why
    positions: tuple[int, ...]
    look_alike: str | None


class Costs(NamedTuple):
    """The characters that cost, in order of first appearance, and the count with and without them.

    `now` is the text as it stands, `transliterated` as `transliterate` makes it (the same when that changes nothing),
    `without` with the characters of `why` `ucs2` left out.
    """

    now: Count
    costly: tuple[Costly, ...]
    transliterated: Count
    without: Count


def costs(text: str, encoding: EncodingChoice = "auto") -> Costs:
    """What `text` costs, and why. Raises what `count` raises."""
    now = count(text, encoding)
    if fold(text) is not None:
        return Costs(now, _costly(text, {}), now, now)
    foreign = {one.character for one in offending(text)}
    without = "".join([character for character in text if character not in foreign])
    transliterated = transliterate(text)
    return Costs(
        now,
        _costly(text, dict.fromkeys(foreign, "ucs2")),
        count(transliterated.text, encoding) if transliterated.changes else now,
        count(without, encoding),
    )


def _costly(text: str, foreign: dict[str, Why]) -> tuple[Costly, ...]:
    # In UCS-2 an extension character costs no more than any other.
    reasons: dict[str, Why] = foreign or dict.fromkeys(_TWO_SEPTETS, "two_septets")
    places: dict[str, list[int]] = {}
    for position, character in enumerate(text):
        if character in reasons:
            places.setdefault(character, []).append(position)
    return tuple(
        Costly(
            character,
            f"U+{ord(character):04X}",
            unicodedata.name(character, ""),
            reasons[character],
            tuple(at),
            look_alike(character) if reasons[character] == "ucs2" else None,
        )
        for character, at in places.items()
    )
