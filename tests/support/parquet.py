"""Reads Parquet files as the format has them: the footer by Thrift's compact protocol, pages of plain values."""

from __future__ import annotations

import gzip
import struct
from typing import Any


class _Reader:
    def __init__(self, octets: bytes, at: int = 0) -> None:
        self.octets, self.at = octets, at

    def varint(self) -> int:
        value = shift = 0
        while True:
            octet = self.octets[self.at]
            self.at += 1
            value |= (octet & 0x7F) << shift
            shift += 7
            if octet < 0x80:
                return value

    def value(self, kind: int) -> Any:
        if kind in (5, 6):
            found = self.varint()
            return (found >> 1) ^ -(found & 1)
        if kind == 8:
            size = self.varint()
            self.at += size
            return self.octets[self.at - size : self.at]
        if kind == 9:
            head = self.octets[self.at]
            self.at += 1
            count = head >> 4 if head >> 4 < 15 else self.varint()
            return [self.value(head & 15) for _ in range(count)]
        assert kind == 12, f"an unknown type {kind}"
        return self.struct()

    def struct(self) -> dict[int, Any]:
        """The fields of a struct by their numbers."""
        found: dict[int, Any] = {}
        number = 0
        while (head := self.octets[self.at]) != 0:
            self.at += 1
            number += head >> 4
            found[number] = self.value(head & 15)
        self.at += 1
        return found


def read(file: bytes) -> tuple[dict[str, list[Any]], dict[str, tuple[int, int | None, bool]]]:
    """The values by column, and of each column: physical type, converted type, whether values may be missing."""
    assert file[:4] == file[-4:] == b"PAR1"
    (size,) = struct.unpack("<I", file[-8:-4])
    footer = _Reader(file, len(file) - 8 - size).struct()
    root, *elements = footer[2]
    assert root[5] == len(elements)
    names = [element[4].decode() for element in elements]
    kinds = {
        name: (element[1], element.get(6), element[3] == 1)
        for name, element in zip(names, elements, strict=True)
    }
    values: dict[str, list[Any]] = {name: [] for name in names}
    for group in footer[4]:
        assert group[3] == footer[3]
        for name, chunk in zip(names, group[1], strict=True):
            meta = chunk[3]
            assert (meta[3], meta[4], meta[5]) == ([name.encode()], 2, group[3])
            values[name] = _page(file, meta, kinds[name])
    return values, kinds


def _page(file: bytes, meta: dict[int, Any], kind: tuple[int, int | None, bool]) -> list[Any]:
    at = _Reader(file, meta[9])
    head = at.struct()
    page = gzip.decompress(file[at.at : at.at + head[3]])
    assert at.at + head[3] == meta[9] + meta[7]
    assert len(page) == head[2]
    count = head[5][1]
    there = [True] * count
    if kind[2]:
        (size,) = struct.unpack("<I", page[:4])
        levels = _Reader(page[4 : 4 + size])
        there = []
        while levels.at < size:
            run = levels.varint()
            assert run & 1 == 0, "a run of one level"
            there += [levels.octets[levels.at] == 1] * (run >> 1)
            levels.at += 1
        page = page[4 + size :]
    found: list[Any] = []
    for _ in range(sum(there)):
        if kind[0] == 6:
            (size,) = struct.unpack("<I", page[:4])
            found.append(page[4 : 4 + size].decode())
            page = page[4 + size :]
        else:
            found.append(struct.unpack("<d" if kind[0] == 5 else "<q", page[:8])[0])
            page = page[8:]
    assert page == b""
    given = iter(found)
    return [next(given) if one else None for one in there]
