"""From text to segments: the content of the short_message of each submit_sm.

A segment keeps its user data header and its payload separate, so that a carrier's connector can put them into
short_message or elsewhere. The payload is in the alphabet of the wire: unpacked septets; packed septets,
ISO-8859-1 or ASCII if the link's data_coding 0 means that; or UTF-16BE.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal, NamedTuple

from .cuts import OCTETS, SEPTETS, UTF16_UNITS, ReferenceBits, cut_octets, cut_utf16
from .errors import NotInAlphabet, Offending
from .gsm0338 import ESCAPE, fold, offending, unfold
from .packed import pack
from .plan import Encoding, EncodingChoice, utf16
from .udh import CONCAT_OCTETS, concat_udh

Alphabet = Literal["gsm7", "latin1", "ascii", "gsm7_packed"]

DATA_CODING: dict[Encoding, int] = {"gsm7": 0, "ucs2": 8, "binary": 4}

# The alphabets of links other than GSM 03.38, as names of Python's codecs.
CODECS: dict[str, str] = {"latin1": "latin-1", "ascii": "ascii"}


class Segment(NamedTuple):
    """One segment. short_message is `udh + payload`; with a `udh`, esm_class needs the UDHI bit 0x40.

    `udh` is empty if the text is one segment; `text` is the part of the text that it carries.
    """

    udh: bytes
    payload: bytes
    text: str


class Rendering(NamedTuple):
    """A text for one link: the SMPP data_coding of all its segments, and the segments."""

    data_coding: int
    segments: list[Segment]


def render(
    text: str,
    encoding: EncodingChoice = "auto",
    alphabet: Alphabet = "gsm7",
    reference: int = 0,
    reference_bits: ReferenceBits = 8,
    *,
    eight_bit: bool = False,
) -> Rendering:
    """Render `text` for a link.

    `alphabet` is the meaning of data_coding 0 on the link. `reference` (0 to 255, or to 65535 with
    `reference_bits` 16; 0 is legal) is used if there is more than one segment. With `eight_bit`, the carrier
    passes data_coding 0 on in octets (140 in a segment) and does not pack it into septets (160); this applies to
    "latin1" and "ascii".

    Raises `NotInAlphabet` if GSM-7 is forced and cannot encode the text, or if the link's alphabet cannot encode
    a text that is GSM-7 (a Latin-1 link and a Greek capital): the caller may try again with "ucs2" or use
    another carrier. Raises `LoneSurrogate` and `TooManySegments` as `count` does.
    """
    if encoding != "ucs2":
        folded = fold(text)
        if folded is not None:
            if alphabet == "gsm7":
                slices = _septets(text, unfold(folded), reference_bits)
            elif alphabet == "gsm7_packed":
                slices = _packed(_septets(text, unfold(folded), reference_bits), reference_bits)
            else:
                slices = _characters(text, folded, alphabet, reference_bits, eight_bit)
            return Rendering(DATA_CODING["gsm7"], _with_headers(slices, reference, reference_bits))
        if encoding == "gsm7":
            raise NotInAlphabet("gsm7", offending(text))
    slices = _utf16(text, reference_bits)
    return Rendering(DATA_CODING["ucs2"], _with_headers(slices, reference, reference_bits))


def one_segment(text: str) -> bytes | None:
    """Return the payload of a text that `render` writes as one segment of unpacked septets: most messages, and
    four times as fast. None for any other text."""
    folded = fold(text)
    if folded is None:
        return None
    wire = unfold(folded)
    return wire if len(wire) <= SEPTETS.single else None


def segment(
    text: str,
    encoding: EncodingChoice = "auto",
    reference: int = 0,
    reference_bits: ReferenceBits = 8,
    alphabet: Alphabet = "gsm7",
    *,
    eight_bit: bool = False,
) -> list[Segment]:
    """Return the segments of `render`, for callers that know the encoding."""
    return render(text, encoding, alphabet, reference, reference_bits, eight_bit=eight_bit).segments


_Slice = tuple[bytes, str]  # payload, text


def _septets(text: str, wire: bytes, bits: ReferenceBits) -> list[_Slice]:
    if len(wire) <= SEPTETS.single:
        return [(wire, text)]
    ends = cut_octets(wire, SEPTETS.part(bits))
    places = _positions(wire, ends)
    return [
        (wire[start:end], text[first:after])
        for (start, end), (first, after) in zip(pairwise((0, *ends)), pairwise((0, *places)), strict=True)
    ]


def _packed(slices: list[_Slice], bits: ReferenceBits) -> list[_Slice]:
    header = 0 if len(slices) == 1 else CONCAT_OCTETS[bits]
    return [(pack(septets, header), text) for septets, text in slices]


def _characters(
    text: str, folded: bytes, alphabet: Alphabet, bits: ReferenceBits, eight_bit: bool
) -> list[_Slice]:
    """Cut a GSM-7 text in an alphabet with one octet for each character."""
    try:
        wire = text.encode(CODECS[alphabet])
    except UnicodeEncodeError:
        raise NotInAlphabet(alphabet, not_in(text, alphabet)) from None
    # The carrier packs the octets into septets, so the septets must fit.
    counted, limits = (wire, OCTETS) if eight_bit else (unfold(folded), SEPTETS)
    if len(counted) <= limits.single:
        return [(wire, text)]
    ends = cut_octets(counted, limits.part(bits))
    places = ends if eight_bit else _positions(counted, ends)
    return [(wire[first:after], text[first:after]) for first, after in pairwise((0, *places))]


def _utf16(text: str, bits: ReferenceBits) -> list[_Slice]:
    wire = utf16(text)
    if len(wire) <= 2 * UTF16_UNITS.single:
        return [(wire, text)]
    ends = cut_utf16(text, wire, UTF16_UNITS.part(bits))
    return [(wire[start:end], wire[start:end].decode("utf-16-be")) for start, end in pairwise((0, *ends))]


def _positions(septets: bytes, ends: list[int]) -> list[int]:
    """Convert the ends of segments to characters: an escape and its code are one character."""
    if ESCAPE not in septets:
        return ends
    places: list[int] = []
    place = 0
    for start, end in pairwise((0, *ends)):
        place += end - start - septets.count(ESCAPE, start, end)
        places.append(place)
    return places


def _with_headers(slices: list[_Slice], reference: int, bits: ReferenceBits) -> list[Segment]:
    if len(slices) == 1:
        payload, text = slices[0]
        return [Segment(b"", payload, text)]
    total = len(slices)
    return [
        Segment(concat_udh(reference, total, number, bits), payload, text)
        for number, (payload, text) in enumerate(slices, 1)
    ]


def not_in(text: str, alphabet: Alphabet) -> tuple[Offending, ...]:
    """Return the characters that a link in ISO-8859-1 or ASCII lacks."""
    highest = "\xff" if alphabet == "latin1" else "\x7f"
    return tuple(
        Offending(position, character) for position, character in enumerate(text) if character > highest
    )
