"""The PDUs in the file of a capture: where each is, what it is, which one answers it, and which ones are wanted.

Rules kept here:
- the file is all there is: what is masked in it stays masked here;
- the index is made when somebody looks, grows with the file, and holds about 40 octets for each PDU;
- an answer belongs to the last request of its sequence number from the other end of the same connection.

The methods block while they read the file: call them in a thread, one at a time (`lock`).
"""

from __future__ import annotations

import asyncio
import mmap
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from onesixty.smpp import codec
from onesixty.smpp import constants as c
from onesixty.smpp.errors import PduError
from onesixty.smpp.pcap import Endpoint
from onesixty.smpp.pcap_reading import FIRST, Captured, frames

#: Read as header of a frame that is too short for one.
_NO_HEADER: Final = (0, 0, 0, 0)


class Wanted(NamedTuple):
    """Which PDUs are wanted. With `digits` or `failed`, a request comes with its answer and the other way round."""

    commands: frozenset[int] = frozenset()
    sequence: int | None = None
    digits: bytes = b""
    failed: bool = False


class PduIndex:
    """The index of one file. PDUs are numbered from 1 in the order of the file."""

    def __init__(self, path: Path) -> None:
        self.lock = asyncio.Lock()
        self._path = path
        self._end = FIRST
        self._starts = array("Q")
        self._commands = array("I")
        self._statuses = array("I")
        self._sequences = array("I")
        self._pairs = array("I")
        self._ends: dict[tuple[Endpoint, Endpoint], int] = {}
        self._waiting: dict[tuple[int, int], int] = {}

    def __len__(self) -> int:
        return len(self._starts)

    def grow(self) -> None:
        """Take in what the file has grown by. Raises FileNotFoundError if the capture was deleted."""
        for captured in self._read(self._end):
            self._add(captured)
            self._end = captured.end

    def pair(self, number: int) -> int | None:
        """The number of the PDU that answers this one, or that this one answers."""
        return self._pairs[number - 1] or None

    def find(self, wanted: Wanted, after: int, limit: int) -> list[int]:
        """Up to `limit` numbers above `after` of wanted PDUs, in order."""
        holding = self._holding(wanted.digits) if wanted.digits else None
        found: list[int] = []
        for number in range(after + 1, len(self) + 1):
            if self._is(number, wanted) and (
                holding is None or number in holding or self._pairs[number - 1] in holding
            ):
                found.append(number)
                if len(found) == limit:
                    break
        return found

    def at(self, numbers: Sequence[int]) -> list[Captured]:
        """The PDUs of these numbers."""
        with self._path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return [next(frames(data, self._starts[number - 1])) for number in numbers]

    # ------------------------------------------------------------ reading

    def _read(self, start: int) -> Iterator[Captured]:
        with self._path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield from frames(data, start)

    def _add(self, captured: Captured) -> None:
        _, command, status, sequence = header(captured.frame)
        self._starts.append(captured.start)
        self._commands.append(command)
        self._statuses.append(status)
        self._sequences.append(sequence)
        self._pairs.append(0)
        number = len(self._starts)
        if not command & c.RESPONSE_BIT:
            self._waiting[self._way(captured.source, captured.target), sequence] = number
            return
        asked = self._waiting.pop((self._way(captured.target, captured.source), sequence), None)
        if asked is not None:
            self._pairs[number - 1], self._pairs[asked - 1] = asked, number

    def _way(self, source: Endpoint, target: Endpoint) -> int:
        return self._ends.setdefault((source, target), len(self._ends))

    def _is(self, number: int, wanted: Wanted) -> bool:
        place = number - 1
        if wanted.commands and self._commands[place] not in wanted.commands:
            return False
        if wanted.sequence is not None and self._sequences[place] != wanted.sequence:
            return False
        return not wanted.failed or self._failed(number) or self._failed(self._pairs[place])

    def _failed(self, number: int) -> bool:
        if number == 0:
            return False
        return bool(self._commands[number - 1] & c.RESPONSE_BIT) and self._statuses[number - 1] != c.ESME_ROK

    def _holding(self, digits: bytes) -> set[int]:
        """The PDUs whose body contains these digits."""
        return {
            number
            for number, captured in enumerate(self._read(FIRST), 1)
            if digits in captured.frame[c.HEADER_LENGTH :]
        }


def header(frame: bytes) -> tuple[int, int, int, int]:
    """command_length, command_id, command_status and sequence; zeros for a frame that is too short."""
    try:
        return codec.header(frame)
    except PduError:
        return _NO_HEADER
