"""Which files are documents: PDF, PNG and JPEG, by what they contain. A name or a Content-Type proves nothing.

Rules kept here:
- a file is of one kind from its first octet to its last: whatever stands before or after an image is refused, so that
  no file is an image for one program and something else for another;
- this is no search for viruses, and says nothing of what a document shows.
"""

from __future__ import annotations

import re
from typing import Final
from zlib import crc32

PDF: Final = "application/pdf"
PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
TYPES: Final = (PDF, PNG, JPEG)

_PDF_HEAD: Final = re.compile(rb"%PDF-[12]\.[0-9][\r\n \t]")
#: Programs look for the end of a PDF in its last KiB.
_PDF_TAIL: Final = 1024
_PNG_HEAD: Final = b"\x89PNG\r\n\x1a\n"
_JPEG_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA


def type_of(content: bytes) -> str | None:
    """The media type of a whole file, or None if it is not a document."""
    if _is_pdf(content):
        return PDF
    if _is_png(content):
        return PNG
    return JPEG if _is_jpeg(content) else None


def _is_pdf(content: bytes) -> bool:
    if _PDF_HEAD.match(content) is None or b"startxref" not in content:
        return False
    end = content.rfind(b"%%EOF", max(0, len(content) - _PDF_TAIL))
    return end != -1 and not content[end + 5 :].strip(b"\r\n \t\x00")


def _is_png(content: bytes) -> bool:
    if not content.startswith(_PNG_HEAD):
        return False
    at, kind, data = len(_PNG_HEAD), b"", False
    while kind != b"IEND":
        length = int.from_bytes(content[at : at + 4], "big")
        before, kind = kind, content[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(content) or (not before) != (kind == b"IHDR"):
            return False
        if crc32(content[at + 4 : end - 4]) != int.from_bytes(content[end - 4 : end], "big"):
            return False
        data = data or kind == b"IDAT"
        at = end
    return data and at == len(content)


def _is_jpeg(content: bytes) -> bool:
    if content[:2] != bytes((0xFF, _SOI)):
        return False
    at, frame = 2, False
    while at + 1 < len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:  # a fill octet
            at += 1
        elif marker == _EOI:
            return frame and at + 2 == len(content)
        elif marker in _JPEG_ALONE:
            at += 2
        else:
            length = int.from_bytes(content[at + 2 : at + 4], "big")
            if length < 2:
                return False
            at += 2 + length
            if marker == _SOS:
                frame = True
                at = _after_scan(content, at)
    return False


def _after_scan(content: bytes, at: int) -> int:
    """The place of the next marker after the data of a scan, in which FF 00 and restarts are no markers."""
    while True:
        at = content.find(b"\xff", at)
        if at == -1 or at + 1 >= len(content):
            return len(content)
        if content[at + 1] not in (0x00, *range(0xD0, 0xD8)):
            return at
        at += 2
