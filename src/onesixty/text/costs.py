"""Which characters make a text dear: what a preview shows before anything is sent.

A character costs more than the others in two ways: it is not in GSM-7 and so turns the whole text into
UCS-2 (70 characters to a segment in place of 160), or it is in a table behind the escape and takes two septets.
The bill is shown three times: as the text stands, as transliteration would make it, and without the characters
that force UCS-2.
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


def costs(text: str, encoding: EncodingChoice = "auto", language: str | None = None) -> Costs:
    """What `text` costs, and why. `encoding` and `language` are those of `choose`; raises what that raises."""
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
    """The characters that keep `text` from GSM-7: what the closest of the tables lacks, or, if one of them has
    all and UCS-2 is as cheap, what the default alphabet lacks."""
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
