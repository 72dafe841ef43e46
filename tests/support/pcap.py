"""A capture file of one TCP conversation, written without a network card: for dissectors such as tshark.

The format is libpcap's (draft-ietf-opsawg-pcap), link type 101: bare IPv4 packets. Sequence numbers count on, so
that the stream can be put together again; checksums are left at 0, which dissectors read as offloaded.
"""

import struct
from pathlib import Path

_MOST = 1400  # octets of a packet's payload
_PUSH_ACK = 0x18


def write_pcap(path: Path, conversation: list[tuple[bool, bytes]], port: int = 2775) -> None:
    """`conversation`: (from the client, octets) in order, between a client and a server on `port`."""
    sent = {True: 1, False: 1}
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        moment = 0
        for from_client, octets in conversation:
            for start in range(0, len(octets), _MOST):
                piece = octets[start : start + _MOST]
                ports = (50000, port) if from_client else (port, 50000)
                tcp = struct.pack(
                    ">HHIIBBHHH",
                    *ports,
                    sent[from_client],
                    sent[not from_client],
                    5 << 4,
                    _PUSH_ACK,
                    65535,
                    0,
                    0,
                )
                sent[from_client] += len(piece)
                size = 20 + len(tcp) + len(piece)
                hosts = (b"\x0a\0\0\1", b"\x0a\0\0\2")
                source, target = hosts if from_client else reversed(hosts)
                ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, size, 0, 0, 64, 6, 0, source, target)
                moment += 1
                file.write(struct.pack("<IIII", moment // 1_000_000, moment % 1_000_000, size, size))
                file.write(ip + tcp + piece)
