"""How strictly a peer's PDUs are decoded. This is the only place that decides it.

From carriers, everything that can be understood is accepted; from customers, nothing is accepted that cannot be
understood. So a session decodes `STRICT` by default, and the link of a carrier sets `LENIENT`.

Strict follows the layouts (`codec`). Rules of lenient decoding, kept here:
- only an unreadable header or an unknown command is an error; `TolerantPdu.tolerated` describes where the PDU
  did not follow its layout;
- a string may be longer than its field, or end with the body instead of a NUL; an octet string may be cut off; a
  missing field has the zero of its kind;
- everything after the last field is decoded as TLVs as far as possible; NULs before or after them are skipped.
  If the end is cut off, the known tags decide whether octets are NULs or TLVs. The value of a TLV that is cut
  off cannot be trusted and is dropped, except message_payload: part of a text is better than none.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from onesixty.smpp import codec, tlv
from onesixty.smpp import constants as c
from onesixty.smpp.errors import PduError, UnknownCommandError
from onesixty.smpp.fields import CString, Field, FieldValue, Integer, Octets, UnsuccessSmes
from onesixty.smpp.layouts import LAYOUTS
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.tlv import Tlv

Reading = Literal["strict", "lenient"]

STRICT: Final = "strict"
LENIENT: Final = "lenient"

#: How many NULs may be skipped between the fields and the TLVs.
_MOST_NULS: Final = 3


class TolerantPdu(Pdu):
    """A PDU that did not follow its layout."""

    __slots__ = ("_tolerated",)

    def __init__(
        self,
        command_id: int,
        command_status: int,
        sequence: int,
        fields: dict[str, FieldValue],
        tlvs: tuple[Tlv, ...],
        tolerated: tuple[str, ...],
    ) -> None:
        super().__init__(command_id, command_status, sequence, fields, tlvs)
        self._tolerated = tolerated

    @property
    def tolerated(self) -> tuple[str, ...]:
        """Describes where the PDU did not follow its layout."""
        return self._tolerated


def decode(frame: bytes, reading: Reading) -> Pdu:
    """Decode the PDU in `frame`. Raises PduError; for a lenient reading, only if the header is bad or the command
    unknown."""
    try:
        return codec.decode(frame)
    except UnknownCommandError:
        raise
    except PduError:
        if reading == STRICT:
            raise
    return _leniently(frame)


def _leniently(frame: bytes) -> Pdu:
    length, command_id, status, sequence = codec.header(frame)
    end = len(frame)
    if length != end:
        raise PduError("command_length is not the frame's", c.ESME_RINVCMDLEN, command_id, sequence)
    notes: list[str] = []
    fields: dict[str, FieldValue] = {}
    pos = c.HEADER_LENGTH
    for field in LAYOUTS[command_id].fields:
        try:
            fields[field.name], pos = field.decode(frame, pos, end)
        except PduError:
            fields[field.name], pos = _field(field, frame, pos, end, notes)
    tlvs = _tlvs(frame, pos, end, not fields.get("short_message"), notes)
    return TolerantPdu(command_id, status, sequence, fields, tlvs, tuple(notes))


def _field(field: Field, data: bytes, pos: int, end: int, notes: list[str]) -> tuple[FieldValue, int]:
    """Decode a field at `pos` that cannot be decoded strictly. Returns its value and the position after it."""
    if pos >= end:
        notes.append(f"{field.name} is missing")
        return field.default if isinstance(field, Integer | CString | Octets) else (), end
    if isinstance(field, CString):
        nul = data.find(0, pos)
        if nul < 0:
            notes.append(f"{field.name} has no NUL at its end")
            return data[pos:].decode("latin-1"), end
        notes.append(f"{field.name} has {nul - pos} characters")
        return data[pos:nul].decode("latin-1"), nul + 1
    if isinstance(field, Octets):
        after = min(pos + 1 + data[pos], end)
        if after - pos - 1 < data[pos]:
            notes.append(f"{field.name} is cut: {after - pos - 1} of {data[pos]} octets")
        return data[pos + 1 : after], after
    if isinstance(field, UnsuccessSmes):
        notes.append(f"{field.name} cannot be read")
        return (), end
    notes.append(f"{field.name} is cut")
    return field.default, end


def _tlvs(data: bytes, pos: int, end: int, no_text: bool, notes: list[str]) -> tuple[Tlv, ...]:
    """Decode the TLVs in `data[pos:end]` as far as possible."""
    tries: list[_Tail] = []
    for skipped in range(_MOST_NULS + 1):
        try:
            found = tlv.decode_all(data, pos + skipped, end)
        except PduError:
            tries.append(_tail(data, pos + skipped, end, skipped))
        else:
            if skipped:
                notes.append(f"{skipped} NUL before the TLVs")
            return found
        if pos + skipped >= end or data[pos + skipped]:
            break
    # No attempt fits to the end. Skip NULs only if known tags follow them.
    best = max(tries, key=_Tail.known)
    if best.skipped:
        notes.append(f"{best.skipped} NUL before the TLVs")
    if best.cut is None:
        notes.append(f"{best.left} octets behind the last TLV")
        return tuple(best.whole)
    tag, length, raw = best.cut
    notes.append(f"{tlv.tlv_name(tag)} is cut: {len(raw)} of {length} octets")
    if tag == tlv.MESSAGE_PAYLOAD and no_text:
        best.whole.append((tag, raw))
    return tuple(best.whole)


class _Tail(NamedTuple):
    """TLVs that do not fit to the end, decoded from behind `skipped` NULs: the complete ones, one that is cut off
    (tag, length, the part that is there), and the octets that are left if none is cut off."""

    skipped: int
    whole: list[Tlv]
    cut: tuple[int, int, bytes] | None
    left: int

    def known(self) -> int:
        """How many of the tags are known."""
        tags = [tag for tag, _ in self.whole] + ([] if self.cut is None else [self.cut[0]])
        return sum(tag in tlv.TLVS for tag in tags)


def _tail(data: bytes, pos: int, end: int, skipped: int) -> _Tail:
    whole: list[Tlv] = []
    while end - pos >= 4:
        tag = int.from_bytes(data[pos : pos + 2], "big")
        length = int.from_bytes(data[pos + 2 : pos + 4], "big")
        raw = data[pos + 4 : min(pos + 4 + length, end)]
        if len(raw) < length:
            return _Tail(skipped, whole, (tag, length, raw), 0)
        whole.append((tag, raw))
        pos += 4 + length
    return _Tail(skipped, whole, None, end - pos)
