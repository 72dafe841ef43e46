"""Septets packed into octets, seven bits each, as the radio network carries GSM-7 and some links want it.

Source: 3GPP TS 23.038, 6.1.2 (packing), and 3GPP TS 23.040, 9.2.3.24 (a header is filled up with bits to a
septet's edge, so that its text begins on one).

On the radio a message tells how many septets it has. SMPP counts octets alone, and eight times n octets are
either 8n septets or 8n - 1 and seven bits of nothing. So the rule of 6.1.2.3.1 is kept here in both directions:
seven bits of nothing are filled with CR, a CR that comes last in such a place is taken for filling, and a text that
itself ends there with CR gets a second one, if 140 octets have room for it. `@`, septet 0, is never
taken for filling: a text's last character is worth more than what a careless sender's zeros look like.
"""

from __future__ import annotations

from typing import Final

from .cuts import USER_DATA

_CR: Final = 0x0D


def fill_bits(header_octets: int) -> int:
    """How many bits fill up a header of so many octets (its length octet included) to a septet's edge."""
    return -8 * header_octets % 7


def pack(septets: bytes, header_octets: int = 0) -> bytes:
    """The octets of `septets` (one in each octet, as `gsm0338` gives them), fill bits included.

    `header_octets` is the size of the user data header that stands before, 0 for none.
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
    # Septet after septet from the lowest bit up: the last one is the highest of one great number.
    digits = "".join([format(septet & 0x7F, "07b") for septet in reversed(septets)])
    number = int(digits, 2) << fill
    return number.to_bytes(-(-(fill + 7 * len(septets)) // 8), "little")


def unpack(octets: bytes, header_octets: int = 0, count: int | None = None) -> bytes:
    """The septets in `octets`, one in each octet of the answer. Never raises.

    `count` is how many septets there are, where the sender told; without it, filling is recognised as the
    module's docstring says. Fewer octets than `count` needs give fewer septets.
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
