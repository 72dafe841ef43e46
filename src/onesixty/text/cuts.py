"""Where a long text is cut into segments, and how much one segment holds.

Counting and cutting use the same greedy walk, so that price and wire cannot differ. A cut never falls between
the escape and its code, inside a surrogate pair, between CR and LF, or inside a grapheme cluster (Unicode UAX
#29) that fits into one segment. A cluster too large for a segment is cut between two of its code points.

Sizes: 140 octets of user data hold 160 septets, 70 UTF-16 units or 140 octets. The concatenation header
takes 6 octets with an 8 bit reference and 7 with a 16 bit one (3GPP TS 23.040, 9.2.3.24.1 and .8), which
is 7 and 8 septets once filled up to a septet's edge.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import Final, Literal, NamedTuple

import regex

from .errors import NoRoom, TooManySegments
from .gsm0338 import ESCAPE

ReferenceBits = Literal[8, 16]

MAX_SEGMENTS: Final = 255

#: Octets of user data in a short message, including the header (3GPP TS 23.040, 9.2.3.16 and 9.2.3.24).
USER_DATA: Final = 140


class Limits(NamedTuple):
    """Units in a segment: alone, with an 8 bit reference, with a 16 bit reference."""

    single: int
    part8: int
    part16: int

    def part(self, bits: int) -> int:
        """Return the units in one of several segments."""
        if bits == 8:
            return self.part8
        if bits == 16:
            return self.part16
        raise ValueError(f"a reference has 8 or 16 bits, not {bits}")


SEPTETS: Final = Limits(160, 153, 152)
UTF16_UNITS: Final = Limits(70, 67, 66)
OCTETS: Final = Limits(140, 134, 133)

_CR, _LF = 0x0D, 0x0A
_CLUSTER = regex.compile(r"\X")
# Without one of these characters, every code point is a cluster by itself: each rule of UAX #29 that forbids a
# break (GB3, GB6 to GB13) needs one of them next to the break.
_JOINING = regex.compile(
    r"[\r\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}\p{GCB=Prepend}"
    r"\p{GCB=Regional_Indicator}\p{GCB=L}\p{GCB=V}\p{GCB=T}]"
)


def cut_octets(wire: bytes, limit: int) -> list[int]:
    """Return the end of each segment in unpacked septets, or in octets of one character each.

    `limit` is in the units of `wire`. No character of the GSM alphabet is encoded as 0x1B, so an escape is
    always the first half of a pair, in either form.
    """
    size = len(wire)
    _bound(size, limit)
    ends: list[int] = []
    end = 0
    while size - end > limit:
        end += limit
        before = wire[end - 1]
        if before == ESCAPE or (before == _CR and wire[end] == _LF):
            end -= 1
        ends.append(end)
    ends.append(size)
    return _bounded(ends)


def cut_utf16(text: str, wire: bytes, limit: int) -> list[int]:
    """Return the end of each segment in octets of `wire`, which is `text` in UTF-16BE; `limit` is in units."""
    size = len(wire)
    limit *= 2
    _bound(size, limit)
    starts = _cluster_starts(text, wire) if _JOINING.search(text) else None
    ends: list[int] = []
    end = 0
    while size - end > limit:
        end += limit
        if 0xDC <= wire[end] <= 0xDF:
            end -= 2
        if starts is not None:
            index = bisect_right(starts, end)
            first = starts[index - 1]
            after = starts[index] if index < len(starts) else size
            if first != end and after - first <= limit:
                end = first
        ends.append(end)
    ends.append(size)
    return _bounded(ends)


def cut_weighted(text: str, weights: Iterable[int], limit: int) -> list[int]:
    """Return the end of each segment in code points of `text`, if character i takes `weights[i]` units.

    This is the walk of the two functions above, for alphabets that they do not know (shift tables) and for
    limits of any size. Raises `NoRoom` if a segment cannot hold a single character.
    """
    sums = list(accumulate(weights))  # the units up to and including each character
    size, total = len(sums), sums[-1] if sums else 0
    if total > limit > 0:
        _bound(total, limit)
    starts = [found.start() for found in _CLUSTER.finditer(text)] if _JOINING.search(text) else None
    ends: list[int] = []
    end = used = 0
    while total - used > limit:
        after = bisect_right(sums, used + limit)
        if starts is not None:
            index = bisect_right(starts, after)
            first = starts[index - 1]
            last = starts[index] if index < len(starts) else size
            if end < first < after and sums[last - 1] - sums[first - 1] <= limit:
                after = first
        if after <= end:
            raise NoRoom("the user data header leaves no room for a character")
        ends.append(after)
        end, used = after, sums[after - 1]
    ends.append(size)
    return _bounded(ends)


def _cluster_starts(text: str, wire: bytes) -> list[int]:
    """Return the offset in `wire` of each grapheme cluster."""
    starts: list[int] = []
    offset = 0
    plain = len(wire) == 2 * len(text)  # no surrogates, so a code point is two octets
    for cluster in _CLUSTER.findall(text):
        starts.append(offset)
        offset += 2 * len(cluster) if plain else len(cluster.encode("utf-16-be"))
    return starts


def _bound(size: int, limit: int) -> None:
    # Check before the walk, so that a text of megabytes costs nothing.
    if size > MAX_SEGMENTS * limit:
        raise TooManySegments


def _bounded(ends: list[int]) -> list[int]:
    if len(ends) > MAX_SEGMENTS:
        raise TooManySegments
    return ends
