"""A table as a Parquet file: one row group, one page a column, plain values, compressed with gzip.

The format: https://parquet.apache.org/docs/file-format/; its structs are in Thrift's compact protocol. A report has
at most some ten thousand rows, so this much of the format is enough for every reader of it (docs/decisions/0138).

Rules kept here:
- a column has one kind (`Column`); a value that is None needs a column that may have none (`optional`);
- the same table gives the same octets.
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from onesixty import __version__

MAGIC: Final = b"PAR1"

TEXT: Final = "text"
WHOLE: Final = "whole"
NUMBER: Final = "number"
#: Epoch milliseconds.
TIME: Final = "time"
#: Micro-units of money.
MONEY: Final = "money"

#: The physical type and, where there is one, the converted type of a kind.
_TYPES: Final = {TEXT: (6, 0), WHOLE: (2, 18), NUMBER: (5, None), TIME: (2, 9), MONEY: (2, 5)}
_PLAIN, _RLE, _GZIP = 0, 3, 2
_SCALE, _PRECISION = 6, 18

# The types of Thrift's compact protocol.
_I32, _I64, _BINARY, _LIST, _STRUCT = 5, 6, 8, 9, 12


class Column(NamedTuple):
    """A column: its name, its kind, its values."""

    name: str
    kind: str
    values: Sequence[Any]
    optional: bool = False


class _Struct:
    """A struct of Thrift's compact protocol. Fields are added in the order of their numbers."""

    def __init__(self) -> None:
        self._made = bytearray()
        self._last = 0

    def i32(self, number: int, value: int) -> _Struct:
        return self._field(number, _I32, _zigzag(value))

    def i64(self, number: int, value: int) -> _Struct:
        return self._field(number, _I64, _zigzag(value))

    def text(self, number: int, value: str) -> _Struct:
        return self._field(number, _BINARY, _binary(value.encode()))

    def struct(self, number: int, value: _Struct) -> _Struct:
        return self._field(number, _STRUCT, value.done())

    def list(self, number: int, kind: int, values: Sequence[bytes]) -> _Struct:
        short = len(values) < 15
        head = bytes([(len(values) if short else 15) << 4 | kind])
        return self._field(number, _LIST, head + (b"" if short else _varint(len(values))) + b"".join(values))

    def done(self) -> bytes:
        return bytes(self._made) + b"\x00"

    def _field(self, number: int, kind: int, value: bytes) -> _Struct:
        self._made.append((number - self._last) << 4 | kind)  # no two fields are 16 numbers apart
        self._made += value
        self._last = number
        return self


def written(columns: Sequence[Column]) -> bytes:
    """The file. All columns have the same number of values."""
    count = len(columns[0].values)
    made, chunks, total = bytearray(MAGIC), [], 0
    for column in columns if count else ():
        page = _page(column)
        packed = gzip.compress(page, mtime=0)
        head = _head(len(page), len(packed), count)
        at, size, unpacked = len(made), len(head) + len(packed), len(head) + len(page)
        made += head + packed
        total += unpacked
        meta = (
            _Struct()
            .i32(1, _TYPES[column.kind][0])
            .list(2, _I32, [_zigzag(_PLAIN), _zigzag(_RLE)])
            .list(3, _BINARY, [_binary(column.name.encode())])
            .i32(4, _GZIP)
            .i64(5, count)
            .i64(6, unpacked)
            .i64(7, size)
            .i64(9, at)
        )
        chunks.append(_Struct().i64(2, at).struct(3, meta).done())
    group = _Struct().list(1, _STRUCT, chunks).i64(2, total).i64(3, count).done()
    root = _Struct().text(4, "report").i32(5, len(columns)).done()
    footer = (
        _Struct()
        .i32(1, 1)
        .list(2, _STRUCT, [root, *map(_element, columns)])
        .i64(3, count)
        .list(4, _STRUCT, [group] if count else [])
        .text(6, f"onesixty {__version__}")
        .done()
    )
    return bytes(made) + footer + struct.pack("<I", len(footer)) + MAGIC


def _element(column: Column) -> bytes:
    """The column in the schema."""
    physical, converted = _TYPES[column.kind]
    made = _Struct().i32(1, physical).i32(3, int(column.optional)).text(4, column.name)
    if converted is not None:
        made.i32(6, converted)
    if column.kind == MONEY:
        made.i32(7, _SCALE).i32(8, _PRECISION)
    return made.done()


def _head(size: int, packed: int, count: int) -> bytes:
    """The head of a data page."""
    data = _Struct().i32(1, count).i32(2, _PLAIN).i32(3, _RLE).i32(4, _RLE)
    return _Struct().i32(1, 0).i32(2, size).i32(3, packed).struct(5, data).done()


def _page(column: Column) -> bytes:
    """The values of a page, after the note of which of them there are."""
    present = [value for value in column.values if value is not None]
    levels = b""
    if column.optional:
        runs = _runs([value is not None for value in column.values])
        levels = struct.pack("<I", len(runs)) + runs
    if column.kind == TEXT:
        octets = [value.encode() for value in present]
        return levels + b"".join(struct.pack("<I", len(one)) + one for one in octets)
    form = "d" if column.kind == NUMBER else "q"
    return levels + struct.pack(f"<{len(present)}{form}", *present)


def _runs(there: Sequence[bool]) -> bytes:
    """Whether there is a value, as runs of equal notes."""
    made, begun = bytearray(), 0
    for at in range(1, len(there) + 1):
        if at == len(there) or there[at] != there[begun]:
            made += _varint((at - begun) << 1) + bytes([there[begun]])
            begun = at
    return bytes(made)


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def _zigzag(value: int) -> bytes:
    return _varint(value << 1 if value >= 0 else (-value << 1) - 1)


def _binary(value: bytes) -> bytes:
    return _varint(len(value)) + value
