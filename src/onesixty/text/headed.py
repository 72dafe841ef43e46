"""Messages with a header of their own: shift tables, the caller's user data header, binary content.

The plain path (`plan`, `segmentation`) handles texts whose only header is concatenation. Here the header may
hold more elements, each octet of it reduces the room in every segment, and the alphabet may differ. Cuts follow
the same rules (`cuts`), and without a language and a header the results are those of the plain path.

Rules kept here:
- of several ways to write a text, the one with the fewest segments wins. Among equals, the one that most
  handsets support wins: default alphabet, UCS-2, single shift, locking shift, both, then the lower identifier;
- if a caller's header already says "part n of m", the content is never cut again: it fits or is refused;
- the order of elements is: concatenation, the caller's, shift tables. If the caller's header names the tables
  and the message has one segment, its header stays unchanged, octet for octet.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from .cuts import MAX_SEGMENTS, SEPTETS, USER_DATA, ReferenceBits, cut_weighted
from .errors import LoneSurrogate, NoRoom, NoShiftTables, NotInAlphabet, TooManySegments, UnknownLanguage
from .gsm0338 import fold
from .national import LANGUAGES, LOCKING, SINGLE
from .packed import pack
from .plan import Count, Encoding, EncodingChoice, count, utf16
from .segmentation import CODECS, DATA_CODING, Alphabet, Rendering, Segment, not_in
from .shifts import NO_SHIFTS, Shifts, elements_of, encode, shifts_in, without_shifts, writing
from .udh import (
    CONCAT_OCTETS,
    CONCATENATION,
    InformationElement,
    compose_udh,
    concat_element,
    parse_udh,
)

AUTO: Final = "auto"

#: The values of `language`: the languages with a table, and `auto` for any of them.
LANGUAGE_CHOICES: Final = (AUTO, *LANGUAGES)

_Unit = Literal["septets", "utf16", "octets"]


class Choice(NamedTuple):
    """How a text is written: a `Count`, and the shift tables that it uses. `units` do not include headers."""

    encoding: Encoding
    characters: int
    units: int
    segments: int
    shifts: Shifts


def choose(
    text: str,
    encoding: EncodingChoice = "auto",
    language: str | None = None,
    udh: bytes = b"",
    reference_bits: ReferenceBits = 8,
) -> Choice:
    """Return the cheapest way to write `text`.

    `language` is None (no shift tables), a code of `LANGUAGES`, or "auto" to try each language that has a table.
    `udh` is the caller's header with its length octet. If it names shift tables, these are used, and `language`
    is ignored. With `encoding` "gsm7", UCS-2 is not considered; with "ucs2", only UCS-2 is.

    Raises `UnknownLanguage`, `MalformedUDH`, `NoRoom`, `TooManySegments`, `LoneSurrogate`, and `NotInAlphabet`
    with the characters that the closest of the tables lacks.
    """
    if language is None and not udh:
        return Choice(*count(text, encoding, reference_bits), NO_SHIFTS)
    if not udh and len(text) <= SEPTETS.single and encoding != "ucs2" and fold(text) is not None:
        plain = count(text, "gsm7", reference_bits)
        if plain.segments == 1 and (language == AUTO or language in LANGUAGES):
            return Choice(*plain, NO_SHIFTS)  # no other way can be cheaper
    header = parse_udh(udh) if udh else []
    if len(text) > MAX_SEGMENTS * SEPTETS.single:
        raise TooManySegments  # checked before each table is tried
    best: Choice | None = None
    refusal: Exception | None = None
    closest: Shifts | None = None
    fewest = 0
    distinct = set(text)
    for shifts in _ways(encoding, language, shifts_in(header)):
        if shifts is not None and not distinct <= writing(shifts).keys():
            missing = len(distinct - writing(shifts).keys())
            if closest is None or missing < fewest:
                closest, fewest = shifts, missing
            continue
        try:
            units, ends = _cut(text, shifts, header, reference_bits)
        except (TooManySegments, NoRoom, LoneSurrogate) as error:
            refusal = refusal or error
            continue
        if best is None or len(ends) < best.segments:
            best = Choice(
                "ucs2" if shifts is None else "gsm7", len(text), units, len(ends), shifts or NO_SHIFTS
            )
        if best.segments == 1:
            break
    if best is not None:
        return best
    if refusal is None and closest is not None:
        encode(text, closest)  # raises with every character that is missing
    raise refusal or NoRoom("the text cannot be encoded")


def render_headed(
    text: str,
    encoding: EncodingChoice,
    alphabet: Alphabet = "gsm7",
    reference: int = 0,
    reference_bits: ReferenceBits = 8,
    *,
    udh: bytes = b"",
    shifts: Shifts = NO_SHIFTS,
    eight_bit: bool = False,
) -> Rendering:
    """Render `text` with a header of its own for a link. The arguments are those of `render` and `choose`.

    `shifts` are the tables that `choose` returned. Raises what `render` and `choose` raise, and `NoShiftTables`
    if the link's data_coding 0 is an alphabet other than GSM 03.38.
    """
    header = parse_udh(udh) if udh else []
    _known(shifts)
    if encoding == "auto":
        encoding = "gsm7" if set(text) <= writing(shifts or shifts_in(header)).keys() else "ucs2"
    if encoding == "ucs2":
        ends = _cut(text, None, header, reference_bits)[1]
        slices = [(text[first:after].encode("utf-16-be"), text[first:after]) for first, after in _spans(ends)]
        segments = _with_headers(slices, header, reference, reference_bits)
        return Rendering(DATA_CODING["ucs2"], segments)
    named = shifts_in(header)
    if any(shifts) and shifts != named:
        header = [*without_shifts(header), *elements_of(shifts)]
    else:
        shifts = named
    if alphabet in CODECS:
        if any(shifts):
            raise NoShiftTables(alphabet)
        slices = _characters(text, header, alphabet, reference_bits, eight_bit)
    else:
        septets = encode(text, shifts)
        ends = _cut(text, shifts, header, reference_bits)[1]
        slices = [(b"".join(septets[first:after]), text[first:after]) for first, after in _spans(ends)]
        if alphabet == "gsm7_packed":
            octets = _header_octets(header, len(slices) > 1, reference_bits)
            slices = [(pack(payload, octets), part) for payload, part in slices]
    return Rendering(DATA_CODING["gsm7"], _with_headers(slices, header, reference, reference_bits))


def count_binary(octets: bytes, udh: bytes = b"", reference_bits: ReferenceBits = 8) -> Count:
    """Count the segments of 8 bit data. Raises `MalformedUDH`, `NoRoom`, `TooManySegments`."""
    header = parse_udh(udh) if udh else []
    ends = _divide("", len(octets), "octets", header, reference_bits)
    return Count("binary", len(octets), len(octets), len(ends))


def render_binary(
    octets: bytes, udh: bytes = b"", reference: int = 0, reference_bits: ReferenceBits = 8
) -> Rendering:
    """Split 8 bit data into segments, each with the caller's header and, if there are several, concatenation.

    `text` of the segments is empty. Raises what `count_binary` raises.
    """
    header = parse_udh(udh) if udh else []
    ends = _divide("", len(octets), "octets", header, reference_bits)
    slices = [(octets[first:after], "") for first, after in _spans(ends)]
    return Rendering(DATA_CODING["binary"], _with_headers(slices, header, reference, reference_bits))


def _ways(encoding: EncodingChoice, language: str | None, named: Shifts) -> list[Shifts | None]:
    """Return the ways to write a text, in the order of preference; None stands for UCS-2."""
    tables = table_ways(None if any(named) else language)
    if encoding == "ucs2":
        return [None]
    return [named, *([None] if encoding == "auto" else []), *tables]


def table_ways(language: str | None) -> list[Shifts]:
    """Return the tables that a language allows, in the order of preference. Raises `UnknownLanguage`."""
    if language is None:
        return []
    if language == AUTO:
        languages = sorted(set(LANGUAGES.values()))
    elif language in LANGUAGES:
        languages = [LANGUAGES[language]]
    else:
        raise UnknownLanguage(language)
    locking = [one for one in languages if one in LOCKING]
    return [
        *(Shifts(single=one) for one in languages),
        *(Shifts(locking=one) for one in locking),
        *(Shifts(one, one) for one in locking),
    ]


def _known(shifts: Shifts) -> None:
    if shifts.single not in SINGLE or shifts.locking not in LOCKING:
        raise UnknownLanguage(f"{shifts.single}, {shifts.locking}")


def _cut(
    text: str, shifts: Shifts | None, header: list[InformationElement], bits: ReferenceBits
) -> tuple[int, list[int]]:
    """Return the units of `text` without headers, and the end of each segment in code points."""
    if shifts is None:
        units = len(utf16(text)) // 2
        weights = [2 if character > "\uffff" else 1 for character in text]
        return units, _divide(text, units, "utf16", header, bits, weights)
    if any(shifts) and shifts != shifts_in(header):
        header = [*without_shifts(header), *elements_of(shifts)]
    weights = [len(septets) for septets in encode(text, shifts)]
    return sum(weights), _divide(text, sum(weights), "septets", header, bits, weights)


def _characters(
    text: str, header: list[InformationElement], alphabet: Alphabet, bits: ReferenceBits, eight_bit: bool
) -> list[tuple[bytes, str]]:
    """Cut a text of the GSM alphabet for a link that has one octet for each character."""
    septets = encode(text, NO_SHIFTS)
    try:
        wire = text.encode(CODECS[alphabet])
    except UnicodeEncodeError:
        raise NotInAlphabet(alphabet, not_in(text, alphabet)) from None
    if eight_bit:
        ends = _divide(text, len(wire), "octets", header, bits, [1] * len(wire))
    else:
        weights = [len(one) for one in septets]
        ends = _divide(text, sum(weights), "septets", header, bits, weights)
    return [(wire[first:after], text[first:after]) for first, after in _spans(ends)]


def _divide(
    text: str,
    total: int,
    unit: _Unit,
    header: list[InformationElement],
    bits: ReferenceBits,
    weights: list[int] | None = None,
) -> list[int]:
    """Return the end of each segment, in characters of `text`, or in octets if there are no `weights`."""
    room = _room(unit, _header_octets(header, False, bits))
    if room < 0:
        raise NoRoom("the user data header is longer than a message")
    size = total if weights is None else len(text)
    if total <= room:
        return [size]
    if any(element.identifier in CONCATENATION for element in header):
        raise NoRoom(f"the header says that this is a single part, but {total} {unit} do not fit into one")
    room = _room(unit, _header_octets(header, True, bits))
    if room <= 0:
        raise NoRoom("the user data header leaves no room for concatenation and content")
    if weights is not None:
        return cut_weighted(text, weights, room)
    if -(-total // room) > MAX_SEGMENTS:
        raise TooManySegments
    return [*range(room, total, room), total]


def _header_octets(header: list[InformationElement], several: bool, bits: ReferenceBits) -> int:
    """Return the size of the header with its length octet, and with concatenation if there are several segments."""
    own = sum(2 + len(element.data) for element in header)
    if several:
        return CONCAT_OCTETS[bits] + own
    return 1 + own if own else 0


def _room(unit: _Unit, header_octets: int) -> int:
    octets = USER_DATA - header_octets
    if unit == "septets":
        return octets * 8 // 7
    return octets // 2 if unit == "utf16" else octets


def _spans(ends: list[int]) -> Iterator[tuple[int, int]]:
    return pairwise((0, *ends))


def _with_headers(
    slices: list[tuple[bytes, str]], header: list[InformationElement], reference: int, bits: ReferenceBits
) -> list[Segment]:
    if len(slices) == 1:
        payload, text = slices[0]
        return [Segment(compose_udh(header), payload, text)]
    total = len(slices)
    return [
        Segment(compose_udh([concat_element(reference, total, number, bits), *header]), payload, text)
        for number, (payload, text) in enumerate(slices, 1)
    ]
