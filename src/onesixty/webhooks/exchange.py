"""A request to a receiver and its answer, as people see them.

Rules kept here:
- a request is made again from what determines it: URL, event, time. It is shown as it was sent, apart from
  redactions;
- an answer is read from the octets that arrived first, and cut: 50 header fields, 4 KiB of the body;
- values that may be secret are covered: signatures, cookies, tokens, credentials;
- nothing here raises: an answer may be anything.
"""

from __future__ import annotations

import contextlib
from typing import Final, NamedTuple

import httptools

#: Octets of a body that are kept, header fields, and characters of a field.
MOST_BODY: Final = 4096
MOST_FIELDS: Final = 50
MOST_VALUE: Final = 500
#: Octets of an answer in which its head and the kept part of its body are looked for.
MOST_RAW: Final = 16_384

COVERED: Final = "(covered)"
#: Parts of the names of header fields whose values are covered.
_SECRET: Final = (
    "cookie",
    "authorization",
    "authenticat",
    "token",
    "secret",
    "signature",
    "password",
    "api-key",
)

#: The names and values of header fields.
Fields = list[tuple[str, str]]


class Heard(NamedTuple):
    """What is kept of an answer. `body` is text; octets that are none are replaced."""

    headers: Fields
    body: str


class _Parts:
    """Takes an answer apart (httptools)."""

    def __init__(self) -> None:
        self.fields: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.final = False
        self._parser = httptools.HttpResponseParser(self)

    def feed(self, raw: bytes) -> None:
        self._parser.feed_data(raw)

    def on_message_begin(self) -> None:
        if not self.final:
            self.fields = []

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.final and len(self.fields) < MOST_FIELDS:
            self.fields.append((name, value))

    def on_headers_complete(self) -> None:
        self.final = self._parser.get_status_code() >= 200

    def on_body(self, body: bytes) -> None:
        if len(self.body) < MOST_BODY:
            self.body += body


def heard(raw: bytes) -> Heard | None:
    """What is kept of an answer, from its first octets. None if no whole head arrived."""
    parts = _Parts()
    with contextlib.suppress(httptools.HttpParserError, httptools.HttpParserUpgrade):
        parts.feed(raw)  # what was read before a fault counts
    if not parts.final:
        return None
    fields = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in parts.fields]
    encoding = next((value for name, value in fields if name.lower() == "content-encoding"), "identity")
    if encoding.lower() != "identity" and parts.body:
        body = f"({encoding[:20]}, not decoded)"
    else:
        body = _text(parts.body[:MOST_BODY].decode("utf-8", "replace"))
    return Heard(covered(fields), body)


def covered(fields: Fields) -> Fields:
    """Header fields without the values that may be secret."""
    return [
        (_text(name)[:100], COVERED if _is_secret(name) else _text(value)[:MOST_VALUE])
        for name, value in fields
    ]


def _is_secret(name: str) -> bool:
    lowered = name.lower()
    return any(part in lowered for part in _SECRET)


def _text(value: str) -> str:
    """A text that every database keeps."""
    return value.replace("\x00", "�")


def requested(head: str) -> Fields:
    """The header fields of a request as people see them, from its head as it was sent."""
    fields = [line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line]
    return covered([(name, value) for name, value in fields])
