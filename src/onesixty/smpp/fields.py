"""Field types of the mandatory part of a PDU (SMPP 3.4, 3.1; 5.0, 3.1), with strict decoding and encoding.

A field reads from `data[pos:end]` and never past `end`; every length is checked before a slice is made.
C-strings become `str` by Latin-1, octet for octet, so that anything a peer sends survives decoding and encoding.
Each field knows the command_status that answers a wrong value of it.
"""

import struct
from dataclasses import dataclass
from typing import Final

from onesixty.smpp import constants as c
from onesixty.smpp.errors import EncodeError, PduError


@dataclass(frozen=True, slots=True)
class DestAddress:
    """One recipient of a submit_multi, given by its address (dest_flag 1)."""

    ton: int
    npi: int
    address: str


@dataclass(frozen=True, slots=True)
class DistributionList:
    """One recipient of a submit_multi, given by the name of a list on the SMSC (dest_flag 2)."""

    name: str


@dataclass(frozen=True, slots=True)
class UnsuccessSme:
    """One recipient for whom a submit_multi was refused, and why."""

    ton: int
    npi: int
    address: str
    error_status: int


ListItem = DestAddress | DistributionList | UnsuccessSme
FieldValue = int | str | bytes | tuple[ListItem, ...]


class Field:
    """A named field. `status` is the command_status for a value that breaks its rule."""

    __slots__ = ("default", "name", "status")

    def __init__(self, name: str, default: FieldValue, status: int) -> None:
        self.name = name
        self.default = default
        self.status = status

    def decode(self, data: bytes, pos: int, end: int) -> tuple[FieldValue, int]:
        """Return the value at `pos` and the position after it. Raises PduError."""
        raise PduError(f"{self.name}: a field without a type", c.ESME_RSYSERR)

    def encode(self, value: FieldValue) -> bytes:
        """Return the octets of `value`. Raises EncodeError."""
        raise EncodeError("a field without a type", self.name)


_INTEGERS: Final = {1: struct.Struct(">B"), 2: struct.Struct(">H"), 4: struct.Struct(">I")}


class Integer(Field):
    """An unsigned integer of 1, 2 or 4 octets, most significant first."""

    __slots__ = ("_struct", "width")

    def __init__(self, name: str, width: int = 1, status: int = c.ESME_RINVCMDLEN, default: int = 0) -> None:
        super().__init__(name, default, status)
        self.width = width
        self._struct = _INTEGERS[width]

    def decode(self, data: bytes, pos: int, end: int) -> tuple[FieldValue, int]:
        after = pos + self.width
        if after > end:
            raise PduError(f"{self.name}: the body ends before it", c.ESME_RINVCMDLEN)
        value: int = self._struct.unpack_from(data, pos)[0]
        return value, after

    def encode(self, value: FieldValue) -> bytes:
        if not isinstance(value, int):
            raise EncodeError(f"{self.name} must be an integer", self.name)
        try:
            return self._struct.pack(value)
        except struct.error:
            raise EncodeError(f"{self.name}: {value} does not fit {self.width} octets", self.name) from None


class CString(Field):
    """A NUL-terminated string of at most `size` octets, including the NUL."""

    __slots__ = ("size",)

    def __init__(self, name: str, size: int, status: int = c.ESME_RINVCMDLEN) -> None:
        super().__init__(name, "", status)
        self.size = size

    def decode(self, data: bytes, pos: int, end: int) -> tuple[FieldValue, int]:
        # The search stops at the field's own limit, so that a long body without a NUL is not scanned.
        nul = data.find(0, pos, min(end, pos + self.size))
        if nul >= 0:
            return data[pos:nul].decode("latin-1"), nul + 1
        if end - pos < self.size:
            raise PduError(f"{self.name}: no NUL before the end of the body", c.ESME_RINVCMDLEN)
        raise PduError(f"{self.name}: longer than {self.size - 1} characters", self.status)

    def encode(self, value: FieldValue) -> bytes:
        if not isinstance(value, str):
            raise EncodeError(f"{self.name} must be a string", self.name)
        if len(value) >= self.size:
            raise EncodeError(f"{self.name}: longer than {self.size - 1} characters", self.name)
        if "\0" in value:
            raise EncodeError(f"{self.name}: a NUL inside the string", self.name)
        try:
            return value.encode("latin-1") + b"\0"
        except UnicodeEncodeError:
            raise EncodeError(f"{self.name}: a character beyond Latin-1", self.name) from None


class Octets(Field):
    """Octets after a length of one octet (sm_length and short_message are one such field)."""

    __slots__ = ("maximum",)

    def __init__(self, name: str, maximum: int, status: int) -> None:
        super().__init__(name, b"", status)
        self.maximum = maximum

    def decode(self, data: bytes, pos: int, end: int) -> tuple[FieldValue, int]:
        if pos >= end:
            raise PduError(f"{self.name}: the body ends before its length", c.ESME_RINVCMDLEN)
        after = pos + 1 + data[pos]
        if data[pos] > self.maximum or after > end:
            raise PduError(f"{self.name}: {data[pos]} octets are too many or beyond the body", self.status)
        return data[pos + 1 : after], after

    def encode(self, value: FieldValue) -> bytes:
        if not isinstance(value, bytes):
            raise EncodeError(f"{self.name} must be octets", self.name)
        if len(value) > self.maximum:
            raise EncodeError(f"{self.name}: longer than {self.maximum} octets", self.name)
        return bytes((len(value),)) + value


_TON: Final = Integer("ton")
_NPI: Final = Integer("npi")
_LIST_ADDRESS: Final = CString("address", 21, c.ESME_RINVDSTADR)
_LIST_NAME: Final = CString("dl_name", 21, c.ESME_RINVDLNAME)
_ERROR_STATUS: Final = Integer("error_status_code", 4)


def _address(data: bytes, pos: int, end: int) -> tuple[int, int, str, int]:
    ton, pos = _TON.decode(data, pos, end)
    npi, pos = _NPI.decode(data, pos, end)
    address, pos = _LIST_ADDRESS.decode(data, pos, end)
    assert isinstance(ton, int)
    assert isinstance(npi, int)
    assert isinstance(address, str)
    return ton, npi, address, pos


class DestAddresses(Field):
    """number_of_dests and dest_address(es) of submit_multi (4.5.1): 1 to 255 recipients (3.4: 254)."""

    __slots__ = ()

    def __init__(self, name: str) -> None:
        super().__init__(name, (), c.ESME_RINVNUMDESTS)

    def decode(self, data: bytes, pos: int, end: int) -> tuple[FieldValue, int]:
        if pos >= end:
            raise PduError(f"{self.name}: the body ends before the count", c.ESME_RINVCMDLEN)
        count = data[pos]
        # A destination takes at least two octets: a count that the body cannot hold is refused at once.
        if count * 2 > end - pos - 1:
            raise PduError(f"{self.name}: a count of {count}", self.status)
        pos += 1
        found: list[ListItem] = []
        for _ in range(count):
            if pos >= end:
                raise PduError(f"{self.name}: the body ends before dest_flag", c.ESME_RINVCMDLEN)
            flag = data[pos]
            if flag == c.DEST_FLAG_SME:
                ton, npi, address, pos = _address(data, pos + 1, end)
                found.append(DestAddress(ton, npi, address))
            elif flag == c.DEST_FLAG_DISTRIBUTION_LIST:
                name, pos = _LIST_NAME.decode(data, pos + 1, end)
                assert isinstance(name, str)
                found.append(DistributionList(name))
            else:
                raise PduError(f"dest_flag {flag}", c.ESME_RINVDESTFLAG)
        return tuple(found), pos

    def encode(self, value: FieldValue) -> bytes:
        if not isinstance(value, tuple) or len(value) > 255:
            raise EncodeError(f"{self.name} must be a tuple of at most 255 destinations", self.name)
        parts = [bytes((len(value),))]
        for item in value:
            if isinstance(item, DestAddress):
                parts.append(b"\x01" + _TON.encode(item.ton) + _NPI.encode(item.npi))
                parts.append(_LIST_ADDRESS.encode(item.address))
            elif isinstance(item, DistributionList):
                parts.append(b"\x02" + _LIST_NAME.encode(item.name))
            else:
                raise EncodeError(f"{self.name}: neither an address nor a list", self.name)
        return b"".join(parts)


class UnsuccessSmes(Field):
    """no_unsuccess and unsuccess_sme(s) of submit_multi_resp (4.5.3)."""

    __slots__ = ()

    def __init__(self, name: str) -> None:
        super().__init__(name, (), c.ESME_RINVCMDLEN)

    def decode(self, data: bytes, pos: int, end: int) -> tuple[FieldValue, int]:
        if pos >= end:
            raise PduError(f"{self.name}: the body ends before the count", c.ESME_RINVCMDLEN)
        count = data[pos]
        if count * 7 > end - pos - 1:
            raise PduError(f"{self.name}: a count of {count}", self.status)
        pos += 1
        found: list[ListItem] = []
        for _ in range(count):
            ton, npi, address, pos = _address(data, pos, end)
            status, pos = _ERROR_STATUS.decode(data, pos, end)
            assert isinstance(status, int)
            found.append(UnsuccessSme(ton, npi, address, status))
        return tuple(found), pos

    def encode(self, value: FieldValue) -> bytes:
        if not isinstance(value, tuple) or len(value) > 255:
            raise EncodeError(f"{self.name} must be a tuple of at most 255 recipients", self.name)
        parts = [bytes((len(value),))]
        for item in value:
            if not isinstance(item, UnsuccessSme):
                raise EncodeError(f"{self.name}: not an UnsuccessSme", self.name)
            parts.append(_TON.encode(item.ton) + _NPI.encode(item.npi))
            parts.append(_LIST_ADDRESS.encode(item.address) + _ERROR_STATUS.encode(item.error_status))
        return b"".join(parts)
