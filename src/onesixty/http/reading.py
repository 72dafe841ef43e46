"""Reads the body of a request over ASGI. The size is checked while it is read, before anything parses it.

Rules kept here:
- the limit holds for the announced length and for the actual one, chunked or not;
- a body that stops arriving is given up after some seconds;
- a part of a body that is too large is still read and discarded, so that the client sees the refusal.
"""

from __future__ import annotations

import asyncio
from typing import Final

from onesixty.core.errors import Problem
from onesixty.http.call import Receive
from onesixty.http.strictness import check_json

MAX_BODY: Final = 1_048_576
BODY_SECONDS: Final = 30.0
DRAIN_BYTES: Final = 8 * 1_048_576
DRAIN_SECONDS: Final = 5.0

_JSON: Final = frozenset({b"application/json"})
_PATCHES: Final = frozenset({b"application/json", b"application/merge-patch+json"})


class Gone(Exception):
    """The client hung up before its request was complete."""


async def read_body(receive: Receive, announced: bytes | None, most: int, seconds: float) -> bytes:
    """The whole body. `announced` is the Content-Length. Raises Problem or Gone."""
    length = int(announced) if announced is not None and announced.isdigit() else 0
    if length > most + DRAIN_BYTES:
        raise too_large(most)
    try:
        async with asyncio.timeout(seconds):
            return await _read(receive, most)
    except TimeoutError:
        raise too_slow(seconds) from None


def too_large(most: int) -> Problem:
    """The refusal of a body over the limit."""
    return Problem("body_too_large", f"The body must not exceed {most} bytes.")


def too_slow(seconds: float) -> Problem:
    """The refusal of a body that did not arrive in time."""
    return Problem("request_timeout", f"The body did not arrive within {seconds:g} seconds.")


def check_type(content_type: bytes | None, *, patch: bool = False) -> None:
    """Raise Problem unless this Content-Type is JSON in UTF-8. For a PATCH it may also be a merge patch."""
    if content_type != b"application/json" and not _is_json(
        content_type or b"", _PATCHES if patch else _JSON
    ):
        raise Problem(
            "unsupported_media_type", "Send the body as JSON, with `Content-Type: application/json`."
        )


class JsonBodies:
    """Bodies in JSON (`http.door.Bodies`); a PATCH is a merge patch."""

    @staticmethod
    def check_type(content_type: bytes | None, method: str) -> None:
        """Raise Problem unless the Content-Type is JSON."""
        if content_type != b"application/json":
            check_type(content_type, patch=method == "PATCH")

    @staticmethod
    def check(body: bytes) -> object:
        """Decode the body. Raises Problem `bad_json`."""
        return check_json(body)


def _is_json(content_type: bytes, kinds: frozenset[bytes]) -> bool:
    kind, *parameters = content_type.lower().split(b";")
    if kind.strip() not in kinds:
        return False
    for parameter in parameters:
        name, _, value = parameter.strip().partition(b"=")
        if name == b"charset" and value.strip(b'"') not in (b"utf-8", b"utf8"):
            return False
    return True


async def _read(receive: Receive, most: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        chunk = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(chunk)
        if size > most:
            chunks.clear()
            if more:
                await _drain(receive)
            raise too_large(most)
        chunks.append(chunk)
    return b"".join(chunks)


async def _drain(receive: Receive) -> None:
    size = 0
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            while size <= DRAIN_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                if not message.get("more_body"):
                    return
    except TimeoutError:
        return
