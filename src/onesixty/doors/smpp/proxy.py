"""The PROXY protocol, versions 1 and 2, as HAProxy defines it: the real source of a connection behind a proxy.

Rules kept here:
- only networks that the operator trusts may use it, and they have to: a connection from there
  without a header is refused;
- exactly the header's octets are read from the socket, so that SMPP or a TLS handshake follows unchanged;
- `LOCAL` and `UNKNOWN` (a proxy's own health check) leave the address as it is.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import struct
from typing import Final

SIGNATURE: Final = b"\r\n\r\n\x00\r\nQUIT\n"
LONGEST_V1: Final = 107
LONGEST_V2: Final = 16 + 536  # addresses of Unix sockets and some TLVs
_PEEK: Final = LONGEST_V2

_FAMILIES: Final = {1: (4, 12), 2: (16, 36)}  # AF_INET, AF_INET6: octets of an address, of all four fields


class NoHeader(Exception):
    """The octets are not a PROXY header."""


def parse(data: bytes) -> tuple[int, str | None] | None:
    """(octets of the header, the source address or None for the socket's own); None if more octets are needed.

    Raises NoHeader.
    """
    if data.startswith(b"PROXY ") or b"PROXY ".startswith(data[:6]):
        return _version_1(data)
    if data.startswith(SIGNATURE) or SIGNATURE.startswith(data[:12]):
        return _version_2(data)
    raise NoHeader("neither of the two signatures")


def _version_1(data: bytes) -> tuple[int, str | None] | None:
    end = data.find(b"\r\n", 0, LONGEST_V1)
    if end < 0:
        if len(data) >= LONGEST_V1:
            raise NoHeader("a line that does not end")
        return None
    words = data[:end].split(b" ")
    if words[1:2] == [b"UNKNOWN"]:
        return end + 2, None
    if len(words) != 6 or words[1] not in (b"TCP4", b"TCP6"):
        raise NoHeader("not of six words")
    try:
        return end + 2, str(ipaddress.ip_address(words[2].decode("ascii")))
    except ValueError:
        raise NoHeader("not an address") from None


def _version_2(data: bytes) -> tuple[int, str | None] | None:
    if len(data) < 16:
        return None
    version_command, family, length = struct.unpack_from("!BBH", data, 12)
    total = 16 + length
    if version_command >> 4 != 2 or total > LONGEST_V2:
        raise NoHeader("not of version 2, or too long")
    if len(data) < total:
        return None
    if version_command & 0xF == 0:  # LOCAL
        return total, None
    if version_command & 0xF != 1:
        raise NoHeader("an unknown command")
    sizes = _FAMILIES.get(family >> 4)
    if sizes is None:
        return total, None  # UNSPEC or a Unix socket: no usable address
    if length < sizes[1]:
        raise NoHeader("the addresses are cut short")
    return total, str(ipaddress.ip_address(data[16 : 16 + sizes[0]]))


async def read_header(sock: socket.socket, timeout: float) -> str | None:
    """Read the header from a connected, non-blocking socket. Returns the source in it, None for the socket's own.

    Raises NoHeader, TimeoutError or OSError.
    """
    loop = asyncio.get_running_loop()
    seen = 0
    async with asyncio.timeout(timeout):
        while True:
            await _readable(loop, sock)
            try:
                data = sock.recv(_PEEK, socket.MSG_PEEK)
            except BlockingIOError:
                continue
            if not data:
                raise NoHeader("closed before a header")
            found = parse(data)
            if found is not None:
                size, address = found
                sock.recv(size)
                return address
            if len(data) == seen:
                await asyncio.sleep(0.01)  # nothing new: the socket is readable because peeked data stays
            seen = len(data)


async def _readable(loop: asyncio.AbstractEventLoop, sock: socket.socket) -> None:
    ready: asyncio.Future[None] = loop.create_future()

    def tell() -> None:
        if not ready.done():
            ready.set_result(None)

    loop.add_reader(sock, tell)
    try:
        await ready
    finally:
        loop.remove_reader(sock)
