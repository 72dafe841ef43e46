"""A message as one carrier gets it: payloads and user data headers in the alphabet of its link.

Nothing is cut, replaced or transliterated here: what a link cannot carry as asked is refused, and dispatch
takes the next carrier of the route.
"""

from __future__ import annotations

from typing import Literal

from onesixty.core.contracts import Refusal, Rendered
from onesixty.core.message import Message
from onesixty.text import Alphabet, TextError, render

ReferenceBits = Literal[8, 16]


def render_message(
    message: Message,
    concat_reference: int,
    *,
    alphabet: Alphabet = "gsm7",
    reference_bits: ReferenceBits = 8,
    eight_bit: bool = False,
) -> Rendered | Refusal:
    """The message in segments. `concat_reference` is cut to the bits of the link's header (0 is legal)."""
    reference = concat_reference & ((1 << reference_bits) - 1)
    encoding: Literal["gsm7", "ucs2"] = "ucs2" if message.encoding == "ucs2" else "gsm7"
    try:
        data_coding, segments = render(
            message.text, encoding, alphabet, reference, reference_bits, eight_bit=eight_bit
        )
    except TextError as error:
        return Refusal("carrier_cannot_carry", str(error))
    return Rendered(
        payloads=[segment.payload for segment in segments],
        udhs=[segment.udh for segment in segments],
        data_coding=data_coding,
        sender=message.sender_used or message.sender,
    )
