"""How strictly a peer's PDUs are read. This is the one place that says so.

Towards carriers nothing that can be understood is refused; towards customers nothing that cannot be understood is
accepted. So a session reads `STRICT` unless it is told otherwise, and a carrier's link is told `LENIENT`.

Strict is what the layouts say (`codec`). Rules of lenient reading, kept here:
- only a header that cannot be read, or an unknown command, is an error; `TolerantPdu.tolerated` says in
  words what did not keep to its layout;
- a string may be longer than its field, or end with the body instead of a NUL; an octet string may be cut; a field
  that is missing has the value of its kind that says nothing;
- what stands behind the last field is TLVs as far as it can be read as such; NULs before or behind them are left
  out. Where the end is cut, NULs are told from TLVs by the tags that exist. A TLV that is cut has no value that could
  be trusted, but a message_payload is text, and a part of it is more than none.
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

#: NULs that are left out between the fields and the TLVs.
_MOST_NULS: Final = 3


class TolerantPdu(Pdu):
    """A PDU that did not keep to its layout."""

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
        """What did not keep to the layout, in words."""
        return self._tolerated


def decode(frame: bytes, reading: Reading) -> Pdu:
    """The PDU in `frame`. Raises PduError, and for a lenient reading only for its header."""
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
    """What stands at `pos` of a field that cannot be read strictly, and the position behind it."""
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
    """The TLVs in `data[pos:end]` as far as they can be read."""
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
    # None fits to the end. NULs were before the TLVs if tags that exist follow them, and otherwise none were.
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
    """What TLVs that do not fit to the end are, read from behind `skipped` NULs: those that are whole, one that is
    cut (tag, length, what there is of it), and the octets that are left when there is none."""

    skipped: int
    whole: list[Tlv]
    cut: tuple[int, int, bytes] | None
    left: int

    def known(self) -> int:
        """How many of the tags exist."""
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
