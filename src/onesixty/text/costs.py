"""Which characters make a text expensive, so that a preview can show it before anything is sent.

A character costs more than others in two ways. It is not in GSM-7, and so turns the whole text into UCS-2 (70
characters in a segment instead of 160). Or it is in a table behind the escape, and takes two septets. The cost
is given three times: for the text as it is, after transliteration, and without the characters that force UCS-2.
"""

from __future__ import annotations

import unicodedata
from typing import Literal, NamedTuple

from .headed import Choice, choose, table_ways
from .plan import Count, EncodingChoice
from .shifts import NO_SHIFTS, writing
from .transliteration import look_alike, transliterate

Why = Literal["ucs2", "two_septets"]


class Costly(NamedTuple):
    """A character that costs more, with all its positions.

    `code_point` is written U+2019; `name` is Unicode's, "" if it has none. `why` is `ucs2` (not in GSM-7) or
    `two_septets`. `positions` are in code points from 0. `look_alike` is what transliteration would write: "" if
    it removes the character, None if nothing looks like it; always None for `two_septets`.
    """

    character: str
    code_point: str
    name: str
    why: Why
    positions: tuple[int, ...]
    look_alike: str | None


class Costs(NamedTuple):
    """The expensive characters, in order of first appearance, and the count with and without them.

    `now` is for the text as it is. `transliterated` is for the text after `transliterate` (the same if that
    changes nothing). `without` is for the text without the characters whose `why` is `ucs2`.
    """

    now: Count
    costly: tuple[Costly, ...]
    transliterated: Count
    without: Count


def costs(text: str, encoding: EncodingChoice = "auto", language: str | None = None) -> Costs:
    """Return what `text` costs, and why. `encoding` and `language` are those of `choose`; raises what that raises."""
    now = choose(text, encoding, language)
    if now.encoding == "gsm7":
        tables = writing(now.shifts)
        dear: dict[str, Why] = {mark: "two_septets" for mark in set(text) if len(tables[mark]) == 2}
        same = _counted(now)
        return Costs(same, _costly(text, dear), same, same)
    foreign = _foreign(text, language)
    without = "".join([character for character in text if character not in foreign])
    made = transliterate(text, language)
    return Costs(
        _counted(now),
        _costly(text, dict.fromkeys(foreign, "ucs2")),
        _counted(choose(made.text, encoding, language) if made.changes else now),
        _counted(choose(without, encoding, language)),
    )


def _counted(choice: Choice) -> Count:
    return Count(*choice[:4])


def _foreign(text: str, language: str | None) -> set[str]:
    """Return the characters that keep `text` from GSM-7: those that the closest of the tables lacks. If a table
    has all characters and UCS-2 is as cheap, return those that the default alphabet lacks."""
    distinct = set(text)
    lacking = [distinct - writing(shifts).keys() for shifts in (NO_SHIFTS, *table_ways(language))]
    return min(lacking, key=len) or lacking[0]


def _costly(text: str, reasons: dict[str, Why]) -> tuple[Costly, ...]:
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
