"""Reads back the files of `pcap`: the frames in them, with the time and the two ends of each.

Rules kept here:
- only what `pcap` writes is read: bare IP packets with TCP, a frame in one segment or in several in a row;
- a file may still grow: a frame that is not there as a whole yet is left for the next time.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterator
from mmap import mmap
from typing import Final, NamedTuple

from onesixty.smpp import constants as c
from onesixty.smpp.pcap import HEAD, Endpoint

_RECORD: Final = struct.Struct("<IIII")
_PORTS: Final = struct.Struct(">HH")
_LENGTH: Final = struct.Struct(">I")
_TCP: Final = 20
_IPV4: Final = 20
_IPV6: Final = 40

#: Where the first frame of a file begins.
FIRST: Final = len(HEAD)

#: The octets of a file: all of it, or a map of it.
Octets = bytes | mmap


class Captured(NamedTuple):
    """A frame: its place in the file, its time in epoch milliseconds, where it came from and where it went."""

    start: int
    end: int
    at: int
    source: Endpoint
    target: Endpoint
    frame: bytes


class _Segment(NamedTuple):
    end: int
    at: int
    source: Endpoint
    target: Endpoint
    payload: bytes


def frames(data: Octets, start: int = FIRST) -> Iterator[Captured]:
    """The frames of a file from the octet `start` on, which is `FIRST` or the `end` of a frame."""
    while True:
        first = _segment(data, start)
        if first is None:
            return
        payload, end = first.payload, first.end
        wanted = _LENGTH.unpack_from(payload)[0] if len(payload) >= c.HEADER_LENGTH else 0
        while len(payload) < wanted:
            following = _segment(data, end)
            if following is None:
                return
            if (following.source, following.target) != (first.source, first.target):
                break
            payload, end = payload + following.payload, following.end
        yield Captured(start, end, first.at, first.source, first.target, payload)
        start = end


def _segment(data: Octets, start: int) -> _Segment | None:
    """The TCP segment whose record begins at `start`; None if it is not there as a whole."""
    if start + _RECORD.size > len(data):
        return None
    seconds, micros, size, _ = _RECORD.unpack_from(data, start)
    begin = start + _RECORD.size
    end = begin + size
    if end > len(data):
        return None
    packet = bytes(data[begin:end])
    if packet[0] >> 4 == 4:
        source, target, tcp = packet[12:16], packet[16:20], _IPV4
    else:
        source, target, tcp = packet[8:24], packet[24:40], _IPV6
    from_port, to_port = _PORTS.unpack_from(packet, tcp)
    return _Segment(
        end,
        seconds * 1000 + micros // 1000,
        (_name(source), from_port),
        (_name(target), to_port),
        packet[tcp + _TCP :],
    )


def _name(packed: bytes) -> str:
    return str(ipaddress.ip_address(packed))
