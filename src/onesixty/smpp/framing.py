"""Cuts a byte stream into frames, whatever way it was cut into reads.

The only length it trusts is one it has checked: under 16 or over the bound, the stream is refused
before anything is set aside for it. What was read of an unfinished PDU stays, however long the rest
takes.
"""

import struct
from typing import Final

from onesixty.smpp import constants as c
from onesixty.smpp.errors import FramingError

# A message_payload of 65,535 octets, its PDU around it, and room for further TLVs.
DEFAULT_MAX_LENGTH: Final = 70_000

_LENGTH: Final = struct.Struct(">I")


class Framer:
    """`feed` bytes, get whole frames. After `error` is set, nothing more is read."""

    __slots__ = ("_need", "_rest", "error", "max_length")

    def __init__(self, max_length: int = DEFAULT_MAX_LENGTH) -> None:
        self.max_length = max_length
        self.error: FramingError | None = None
        self._rest = bytearray()
        self._need = 4  # octets in `_rest` before looking at it pays

    @property
    def pending(self) -> int:
        """Octets kept of an unfinished PDU."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """All frames that `data` completes, in order. A broken length sets `error` and ends the stream;
        the frames before it are returned."""
        frames: list[bytes] = []
        if self.error is not None:
            return frames
        rest = self._rest
        if rest:
            rest += data
            if len(rest) < self._need:
                return frames
            data = bytes(rest)
            rest.clear()
        pos = 0
        size = len(data)
        while size - pos >= 4:
            length: int = _LENGTH.unpack_from(data, pos)[0]
            if not c.HEADER_LENGTH <= length <= self.max_length:
                # What follows such a length is no header to be believed, and may not even be here yet: the
                # error tells neither command nor sequence, so that it is the same however the stream is cut.
                self.error = FramingError(
                    f"command_length {length} is not within {c.HEADER_LENGTH} to {self.max_length}",
                    c.ESME_RINVCMDLEN,
                )
                return frames
            if length > size - pos:
                self._need = length
                rest += data[pos:]
                return frames
            frames.append(data[pos : pos + length])
            pos += length
        self._need = 4
        rest += data[pos:]
        return frames
