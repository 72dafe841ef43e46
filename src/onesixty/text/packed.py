"""Packs septets into octets, seven bits each: the form of GSM-7 on the radio network, which some links use too.

Source: 3GPP TS 23.038, 6.1.2 (packing), and 3GPP TS 23.040, 9.2.3.24 (fill bits after a header, so that the text
begins at the edge of a septet).

On the radio, a message says how many septets it has. SMPP counts only octets, and eight times n octets can be
either 8n septets, or 8n - 1 septets and seven unused bits. So the rule of 6.1.2.3.1 applies here in both
directions: seven unused bits are filled with CR; a CR that comes last in such a place is taken as filling; and a
text that itself ends there with CR gets a second one, if 140 octets have room for it. `@`, septet 0, is never
taken as filling: losing the last character of a text would be worse than an extra `@` from a sender that fills
with zeros.
"""

from __future__ import annotations

from typing import Final

from .cuts import USER_DATA

_CR: Final = 0x0D


def fill_bits(header_octets: int) -> int:
    """Return how many fill bits follow a header of this many octets (including its length octet)."""
    return -8 * header_octets % 7


def pack(septets: bytes, header_octets: int = 0) -> bytes:
    """Pack `septets` (one in each octet, as `gsm0338` gives them) into octets, including fill bits.

    `header_octets` is the size of the user data header before them, 0 for none.
    """
    fill = fill_bits(header_octets)
    if not septets:
        return b""
    spare = -(fill + 7 * len(septets)) % 8
    if spare == 7:
        septets += bytes((_CR,))
    elif spare == 0 and septets[-1] == _CR:
        octets = header_octets + (fill + 7 * len(septets)) // 8
        if octets < USER_DATA:
            septets += bytes((_CR,))
    # The lowest bits hold the first septet, so the septets form one large number with the last septet highest.
    digits = "".join([format(septet & 0x7F, "07b") for septet in reversed(septets)])
    number = int(digits, 2) << fill
    return number.to_bytes(-(-(fill + 7 * len(septets)) // 8), "little")


def unpack(octets: bytes, header_octets: int = 0, count: int | None = None) -> bytes:
    """Unpack the septets in `octets`, one in each octet of the result. Never raises.

    `count` is the number of septets, if the sender gave it; without it, filling is recognised as the module's
    docstring describes. If there are fewer octets than `count` needs, the result has fewer septets.
    """
    fill = fill_bits(header_octets)
    there = (8 * len(octets) - fill) // 7
    if there <= 0:
        return b""
    wanted = there if count is None else min(count, there)
    number = int.from_bytes(octets, "little") >> fill
    digits = format(number & ((1 << 7 * wanted) - 1), f"0{7 * wanted}b")
    septets = bytes([int(digits[start : start + 7], 2) for start in range(7 * wanted - 7, -1, -7)])
    if count is None and septets[-1] == _CR and (8 * len(octets) - fill) % 7 == 0:
        return septets[:-1]
    return septets
