"""Cuts a byte stream into frames, however the stream was cut into reads.

A length is trusted only after a check: if it is under 16 or over the limit, the stream is refused before memory
is reserved for it. The beginning of an unfinished PDU is kept, however long the rest takes.
"""

import struct
from typing import Final

from onesixty.smpp import constants as c
from onesixty.smpp.errors import FramingError

# A message_payload of 65,535 octets, the rest of its PDU, and room for further TLVs.
DEFAULT_MAX_LENGTH: Final = 70_000

_LENGTH: Final = struct.Struct(">I")


class Framer:
    """`feed` it bytes to get whole frames. After `error` is set, it reads nothing more."""

    __slots__ = ("_need", "_rest", "error", "max_length")

    def __init__(self, max_length: int = DEFAULT_MAX_LENGTH) -> None:
        self.max_length = max_length
        self.error: FramingError | None = None
        self._rest = bytearray()
        self._need = 4  # look at `_rest` only when it has this many octets

    @property
    def pending(self) -> int:
        """The number of octets of an unfinished PDU."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """Return all frames that `data` completes, in order. A bad length sets `error` and ends the stream; the
        frames before it are returned."""
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
                # The octets after such a length cannot be trusted as a header, and may not have arrived yet. So
                # the error names neither command nor sequence, and is the same however the stream is cut.
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
