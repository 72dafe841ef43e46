"""Messages that keep the cuts of their sender, because each part has a header of its own.

A header element of an application may concern one part alone: the first part of a SIM toolkit command names the
command (3GPP TS 31.115), and the others only continue it. Then the parts cannot be joined and cut again.

Rules kept here:
- every part is sent with its own header elements after concatenation, including shift tables, and its text is
  encoded with these tables;
- all parts have the same encoding: UCS-2 for all if one of them needs it;
- a part that does not fit into a segment is refused, never cut again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from .cuts import ReferenceBits
from .errors import NotInAlphabet
from .headed import Choice, choose, render_binary, render_headed
from .plan import Count, Encoding, EncodingChoice
from .segmentation import Alphabet, Rendering, Segment
from .shifts import NO_SHIFTS
from .udh import compose_udh, concat_element, parse_udh


def count_cut(
    said: str | bytes,
    encoding: EncodingChoice,
    cuts: Sequence[int],
    headers: Sequence[bytes],
    reference_bits: ReferenceBits = 8,
) -> Count:
    """Return the encoding and the units of a text, or of octets, in these parts. `cuts` is where each part ends,
    in code points or octets. `headers` is the header of each part without concatenation, but with its length
    octet. Raises `NoRoom`, `NotInAlphabet`, `MalformedUDH`, `LoneSurrogate`."""
    slices = _slices(said, cuts)
    udhs = _udhs(headers, 0, reference_bits)
    if isinstance(said, bytes):
        for one, udh in zip(slices, udhs, strict=True):
            render_binary(cast(bytes, one), udh)
        return Count("binary", len(said), len(said), len(slices))
    texts = [cast(str, one) for one in slices]
    if encoding == "auto":
        try:
            return count_cut(said, "gsm7", cuts, headers, reference_bits)
        except NotInAlphabet:
            encoding = "ucs2"
    choices: list[Choice] = [choose(one, encoding, None, udh) for one, udh in zip(texts, udhs, strict=True)]
    return Count(cast(Encoding, encoding), len(said), sum(one.units for one in choices), len(choices))


def render_cut(
    said: str | bytes,
    encoding: EncodingChoice,
    cuts: Sequence[int],
    headers: Sequence[bytes],
    alphabet: Alphabet = "gsm7",
    reference: int = 0,
    reference_bits: ReferenceBits = 8,
) -> Rendering:
    """Return the segments, one for each part. Raises what `count_cut` and `render_headed` raise."""
    segments: list[Segment] = []
    data_coding = 0
    udhs = _udhs(headers, reference, reference_bits)
    for one, udh in zip(_slices(said, cuts), udhs, strict=True):
        if isinstance(one, bytes):
            made = render_binary(one, udh)
        else:
            made = render_headed(one, encoding, alphabet, udh=udh, shifts=NO_SHIFTS)
        segments += made.segments
        data_coding = made.data_coding
    return Rendering(data_coding, segments)


def _slices(said: str | bytes, cuts: Sequence[int]) -> list[str | bytes]:
    return [said[first:after] for first, after in zip([0, *cuts[:-1]], cuts, strict=True)]


def _udhs(headers: Sequence[bytes], reference: int, bits: ReferenceBits) -> list[bytes]:
    total = len(headers)
    return [
        compose_udh([concat_element(reference, total, number, bits), *(parse_udh(header) if header else [])])
        for number, header in enumerate(headers, 1)
    ]
