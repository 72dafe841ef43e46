"""A frame taken apart: each field with its octets, its value and what the value means.

Rules kept here:
- the order and the forms of fields are the codec's (`smpp.layouts`, `smpp.fields`, `smpp.tlv`): nothing here knows a
  layout of its own;
- every octet of the frame belongs to exactly one part, in order. Octets behind what can be read are one part; the
  codec's sentence says what is wrong;
- a text is read by the PDU's data_coding; what data_coding 0 means on the link is not known here, so it is read as
  GSM 7-bit;
- nothing here raises: any octets that somebody sends can be shown.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from onesixty.captures.meanings import meaning_of, udh_meaning
from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.errors import PduError, TlvError
from onesixty.smpp.fields import CString, DestAddress, DistributionList, FieldValue, Octets, UnsuccessSme
from onesixty.smpp.layouts import LAYOUTS, command_name
from onesixty.text.incoming import decode as decode_text

Kind = Literal["header", "field", "tlv", "rest"]

_HEADER: Final = ("command_length", "command_id", "command_status", "sequence_number")
_FOUR: Final = struct.Struct(">I")
_TLV: Final = struct.Struct(">HH")


class Part(NamedTuple):
    """A field, a TLV (with its tag and length) or a rest: the octets from `start` to before `end`. `head` and `tail`
    are the octets around its value: the tag and length of a TLV, the NUL of a string."""

    name: str
    kind: Kind
    start: int
    end: int
    value: str
    meaning: str | None = None
    tag: int | None = None
    head: int = 0
    tail: int = 0


class Dissection(NamedTuple):
    """The parts of a frame. `problem` says why it cannot be read to its end, as the codec says it."""

    parts: list[Part]
    problem: str | None


class _Reader:
    def __init__(self, frame: bytes) -> None:
        self.frame = frame
        self.pos = c.HEADER_LENGTH
        self.parts: list[Part] = []
        self.data_coding = 0
        self.esm_class = 0

    def header(self) -> int:
        """Read the header. Returns the command_id."""
        for place, name in enumerate(_HEADER):
            number = _FOUR.unpack_from(self.frame, 4 * place)[0]
            value = f"0x{number:08X}" if name in ("command_id", "command_status") else str(number)
            meaning = command_name(number) if name == "command_id" else meaning_of(name, number)
            self.parts.append(Part(name, "header", 4 * place, 4 * place + 4, value, meaning))
        command_id: int = _FOUR.unpack_from(self.frame, 4)[0]
        return command_id

    def fields(self, command_id: int) -> None:
        """Read the fields. Raises PduError at the first that cannot be read."""
        layout = LAYOUTS.get(command_id)
        if layout is None:
            raise PduError(f"unknown command {command_name(command_id)}", c.ESME_RINVCMDID)
        end = len(self.frame)
        for field in layout.fields:
            if self.pos == end and command_id & c.RESPONSE_BIT:
                return  # an error response has no body (3.4, 4.1.2)
            value, after = field.decode(self.frame, self.pos, end)
            if isinstance(field, Octets):
                self.parts += self._octets(field.name, self.pos, after)
            else:
                said = _said(value)
                meaning = meaning_of(field.name, value)
                tail = 1 if isinstance(field, CString) else 0
                self.parts.append(Part(field.name, "field", self.pos, after, said, meaning, tail=tail))
                self._note(field.name, value)
            self.pos = after

    def tlvs(self) -> None:
        """Read the TLVs. Raises PduError at the first that cannot be read."""
        end = len(self.frame)
        while self.pos < end:
            tlv.decode_all(self.frame, self.pos, self._end_of_tlv(end))
            tag, length = _TLV.unpack_from(self.frame, self.pos)
            after = self.pos + _TLV.size + length
            raw = self.frame[self.pos + _TLV.size : after]
            value, meaning = self._tlv(tag, raw)
            name = tlv.tlv_name(tag)
            self.parts.append(Part(name, "tlv", self.pos, after, value, meaning, tag, head=_TLV.size))
            self.pos = after

    def _end_of_tlv(self, end: int) -> int:
        """The end of the TLV at `pos`, or of the frame if it does not fit: then the codec says so."""
        if end - self.pos < _TLV.size:
            return end
        length: int = _TLV.unpack_from(self.frame, self.pos)[1]
        return min(end, self.pos + _TLV.size + length)

    def _tlv(self, tag: int, raw: bytes) -> tuple[str, str | None]:
        if tag == tlv.MESSAGE_PAYLOAD:
            return self._text(raw, b""), None
        try:
            value = tlv.decode(tag, raw)
        except TlvError as error:
            return raw.hex(" "), f"{error}"
        if isinstance(value, bytes):
            return value.hex(" "), meaning_of(tlv.tlv_name(tag), value)
        said = f'"{value}"' if isinstance(value, str) else str(value)
        return said, meaning_of(tlv.tlv_name(tag), value)

    def _note(self, name: str, value: FieldValue) -> None:
        if name == "data_coding" and isinstance(value, int):
            self.data_coding = value
        elif name == "esm_class" and isinstance(value, int):
            self.esm_class = value

    def _octets(self, name: str, start: int, end: int) -> Iterator[Part]:
        """The length, the user data header and the text of a short_message."""
        yield Part("sm_length", "field", start, start + 1, str(self.frame[start]))
        start += 1
        udh = b""
        if self.esm_class & c.ESM_UDHI and start < end:
            body = min(end, start + 1 + self.frame[start])
            udh = self.frame[start:body]
            yield Part("user_data_header", "field", start, body, udh.hex(" "), udh_meaning(udh))
            start = body
        if start < end:
            yield Part(name, "field", start, end, self._text(self.frame[start:end], udh))

    def _text(self, octets: bytes, udh: bytes) -> str:
        return f'"{decode_text(octets, self.data_coding, udh=udh)}"'


def dissect(frame: bytes) -> Dissection:
    """Take a frame apart. Never raises."""
    if len(frame) < c.HEADER_LENGTH:
        rest = [Part("rest", "rest", 0, len(frame), frame.hex(" "))] if frame else []
        return Dissection(rest, "shorter than a header")
    reader = _Reader(frame)
    command_id = reader.header()
    problem = None
    try:
        reader.fields(command_id)
        reader.tlvs()
    except PduError as error:
        problem = str(error)
        if reader.pos < len(frame):
            left = frame[reader.pos :]
            reader.parts.append(Part("rest", "rest", reader.pos, len(frame), left.hex(" ")))
    return Dissection(reader.parts, problem)


def _said(value: FieldValue) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return ", ".join(map(_item, value)) or "0"
    return str(value)


def _item(item: DestAddress | DistributionList | UnsuccessSme) -> str:
    if isinstance(item, DistributionList):
        return f'list "{item.name}"'
    said = f'{item.ton}/{item.npi} "{item.address}"'
    return f"{said} {c.status_name(item.error_status)}" if isinstance(item, UnsuccessSme) else said
