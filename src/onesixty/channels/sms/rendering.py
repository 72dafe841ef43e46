"""A message as one carrier gets it: payloads and user data headers in the alphabet of its link.

Nothing is cut, replaced or transliterated here. If a link cannot carry the message as asked, it is refused, and
dispatch takes the next carrier of the route.

The carrier's settings say how the parts of a long message are marked as one message (`Concatenation`):

- `udh8`, `udh16`: a user data header in each part, with a reference of 8 or 16 bits;
- `sar`: the TLVs sar_msg_ref_num, sar_total_segments and sar_segment_seqnum (SMPP 3.4, 5.3.2.22 to .24). The
  part itself has no header, but the SMSC turns the TLVs into one for the radio, so a part holds as much as
  beside a header of 8 bits (153 septets, 67 units): a longer part would be cut again or refused;
- `payload`: the whole text in message_payload (5.3.2.32), cut by the SMSC.

A message with a header of its own (shift tables, the caller's UDH) in several parts is always sent with a UDH:
otherwise the SMSC would have to take the header apart to add to it. If the sender cut a message and gave each
part another header, those cuts are kept. If the parts have no room for a reference of 16 bits, it has 8.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Final, Literal

from onesixty.channels.sms.content import BINARY, Content, content_of
from onesixty.core.contracts import Refusal, Rendered
from onesixty.core.message import Message
from onesixty.text import (
    FLASH,
    OCTETS,
    UCS2,
    Alphabet,
    FlashForm,
    NoRoom,
    ReferenceBits,
    Rendering,
    Shifts,
    adapted,
    one_segment,
    pack,
    render,
    render_binary,
    render_cut,
    render_headed,
    with_class,
)

Concatenation = Literal["udh8", "udh16", "sar", "payload"]

GSM7: Final = "gsm7"
_REFERENCE_BITS: Final[dict[Concatenation, ReferenceBits]] = {"udh8": 8, "udh16": 16, "sar": 8, "payload": 8}


class Segments(Rendered, kw_only=True):
    """A message with one payload for each segment.

    `udhs[i]` is the user data header of segment i, empty if there is none. `concatenation` is how segments are
    joined: "udh" (each segment has a header), "sar" (segment i has number i + 1 of `units` in the sar TLVs, with the
    reference of the submission), or "payload" (the only payload is the whole message, for message_payload).
    `dest_addr_subunit` is the TLV of that name, None for none.
    """

    payloads: list[bytes]
    udhs: list[bytes]
    data_coding: int
    concatenation: str = "udh"
    dest_addr_subunit: int | None = None


def render_message(
    message: Message,
    sender: str,
    concat_reference: int,
    *,
    alphabet: Alphabet = "gsm7",
    concatenation: Concatenation = "udh8",
    eight_bit: bool = False,
    flash: FlashForm = "general",
) -> Segments | Refusal:
    """Render the message in segments, from this sender. `concat_reference` is cut to the bits of the link's header
    (0 is legal).

    `alphabet` is the carrier's meaning of data_coding 0; `eight_bit` means that the carrier passes those octets
    on unpacked. `flash` is the form in which the carrier wants a flash message.
    """
    if message.content is None and message.encoding == alphabet == GSM7:
        payload = one_segment(message.text)
        if payload is not None:
            return Segments(1, sender, payloads=[payload], udhs=[b""], data_coding=0)
    bits = _REFERENCE_BITS[concatenation]
    reference = concat_reference & ((1 << bits) - 1)
    content = None if message.content is None else content_of(message.content)
    headless = concatenation in ("sar", "payload") and not (content is not None and content.has_header)
    # Without a header there are no fill bits: the text is cut into plain septets, and packed at the end.
    cut_in = "gsm7" if headless and alphabet == "gsm7_packed" else alphabet
    try:
        if content is None and message.encoding != BINARY:
            encoding: Literal["gsm7", "ucs2"] = "ucs2" if message.encoding == UCS2 else "gsm7"
            rendering = render(message.text, encoding, cut_in, reference, bits, eight_bit=eight_bit)
        else:
            rendering = _with_content(message, cut_in, reference, bits, eight_bit)
    except ValueError as error:  # a TextError, or invalid hex or base64
        return Refusal("carrier_cannot_carry", str(error))
    segments = rendering.segments
    rendered = Segments(
        units=len(segments),
        sender=sender,
        payloads=[segment.payload for segment in segments],
        udhs=[segment.udh for segment in segments],
        data_coding=rendering.data_coding,
    )
    if content is not None:
        _scheme(rendered, message, content, alphabet, flash)
    if headless:
        _without_headers(rendered, concatenation, packed=cut_in != alphabet and message.encoding == "gsm7")
    return rendered


def _with_content(
    message: Message, alphabet: Alphabet, reference: int, bits: ReferenceBits, eight_bit: bool
) -> Rendering:
    content = content_of(message.content)
    if content.cuts:
        return _as_cut(message, content, alphabet, reference, bits)
    udh = bytes.fromhex(content.udh or "")
    if message.encoding == BINARY:
        return render_binary(b64decode(message.text, validate=True), udh, reference, bits)
    return render_headed(
        message.text,
        "ucs2" if message.encoding == UCS2 else "gsm7",
        alphabet,
        reference,
        bits,
        udh=udh,
        shifts=Shifts(content.single_shift, content.locking_shift),
        eight_bit=eight_bit,
    )


def _as_cut(
    message: Message, content: Content, alphabet: Alphabet, reference: int, bits: ReferenceBits
) -> Rendering:
    headers = [bytes.fromhex(header) for header in content.headers]
    said: str | bytes = message.text
    if message.encoding == BINARY:
        said = b64decode(message.text, validate=True)
    encoding: Literal["gsm7", "ucs2"] = "ucs2" if message.encoding == UCS2 else "gsm7"
    try:
        return render_cut(said, encoding, content.cuts, headers, alphabet, reference, bits)
    except NoRoom:
        if bits == 8:
            raise
        return render_cut(said, encoding, content.cuts, headers, alphabet, reference & 0xFF, 8)


def _scheme(
    rendered: Segments, message: Message, content: Content, alphabet: Alphabet, flash: FlashForm
) -> None:
    """Set data_coding and dest_addr_subunit of a message that has a message class or that asks for a scheme."""
    written = {BINARY: OCTETS, UCS2: UCS2}.get(message.encoding, alphabet)
    message_class = FLASH if content.flash else None
    if content.dest_addr_subunit is not None:
        # SMPP 3.4, 5.3.2.1: subunit 1 is the display, which is class 0
        message_class = content.dest_addr_subunit - 1
    if message_class is not None:
        rendered.data_coding = with_class(written, message_class, flash)
        rendered.dest_addr_subunit = message_class + 1 if flash == "subunit" else None
    elif content.data_coding is not None:
        scheme = adapted(content.data_coding, written, alphabet)
        rendered.data_coding = rendered.data_coding if scheme is None else scheme


def _without_headers(rendered: Segments, concatenation: Concatenation, *, packed: bool) -> None:
    """Turn several segments into SAR parts or one payload. A single segment needs no change."""
    if rendered.units > 1:
        rendered.concatenation = concatenation
        if concatenation == "payload":
            rendered.payloads = [b"".join(rendered.payloads)]
            rendered.units, rendered.charged = 1, rendered.units
        rendered.udhs = [b""] * rendered.units
    if packed:
        rendered.payloads = [pack(payload) for payload in rendered.payloads]
