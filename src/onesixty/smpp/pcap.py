"""Captures of SMPP as files for Wireshark and tshark, written without a network card.

The format is libpcap's (draft-ietf-opsawg-pcap), link type 101: bare IPv4 and IPv6 packets. Each frame is one
TCP segment or, if it is long, several. Sequence numbers increase in each direction of a connection, so that
streams can be reassembled. Checksums are 0, which dissectors interpret as offloaded.

The module does no I/O: it returns the bytes to append to the file.
"""

from __future__ import annotations

import ipaddress
import struct
from typing import Final

#: The header of every file: magic, version 2.4, zone, accuracy, the most octets kept of a packet, link type.
HEAD: Final = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 101)

_MOST: Final = 1400  # the most octets of a segment's payload
_TCP: Final = 6
_PUSH_ACK: Final = 0x18
_RECORD: Final = struct.Struct("<IIII")
_SEGMENT: Final = struct.Struct(">HHIIBBHHH")
_IPV4: Final = struct.Struct(">BBHHHBBH4s4s")
_IPV6: Final = struct.Struct(">IHBB16s16s")

#: (address, port) as asyncio gives a peer; further members are ignored.
Endpoint = tuple[str, int]

_UNKNOWN: Final[Endpoint] = ("0.0.0.0", 0)


def endpoint(name: object) -> Endpoint:
    """Return the first two members of asyncio's peer address; 0.0.0.0 and port 0 if it has none."""
    if isinstance(name, tuple) and len(name) >= 2:
        return str(name[0]), int(name[1])
    return _UNKNOWN


def written(end: Endpoint) -> Endpoint:
    """Return an end of a connection as the file has it."""
    return str(_address(end[0])), end[1]


class PcapStream:
    """The records of one file. The file must begin with `HEAD`."""

    def __init__(self) -> None:
        self._sent: dict[tuple[Endpoint, Endpoint], int] = {}

    def record(self, at: float, source: Endpoint, target: Endpoint, octets: bytes) -> bytes:
        """Return the records of one frame that went from `source` to `target` at `at` (seconds since 1970)."""
        seconds, micros = divmod(round(at * 1_000_000), 1_000_000)
        there, back = (source, target), (target, source)
        records = []
        for start in range(0, len(octets), _MOST):
            piece = octets[start : start + _MOST]
            sequence = self._sent.get(there, 1)
            acknowledged = self._sent.get(back, 1)
            self._sent[there] = (sequence + len(piece)) & 0xFFFFFFFF
            tcp = _SEGMENT.pack(source[1], target[1], sequence, acknowledged, 5 << 4, _PUSH_ACK, 65_535, 0, 0)
            packet = _packet(source[0], target[0], tcp + piece)
            records.append(_RECORD.pack(seconds, micros, len(packet), len(packet)) + packet)
        return b"".join(records)


def _packet(source: str, target: str, segment: bytes) -> bytes:
    one, other = _address(source), _address(target)
    if one.version == 4 and other.version == 4:
        size = _IPV4.size + len(segment)
        return _IPV4.pack(0x45, 0, size, 0, 0, 64, _TCP, 0, one.packed, other.packed) + segment
    sixteen = [a.packed if a.version == 6 else b"\0" * 10 + b"\xff\xff" + a.packed for a in (one, other)]
    return _IPV6.pack(0x60000000, len(segment), _TCP, 64, *sixteen) + segment


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ipaddress.IPv4Address(0)
