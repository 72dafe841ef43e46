"""The headers of requests for hot routes that were read before, by their bytes.

A client sends the same header with most of its requests. Where a read holds exactly one request, and its header is
known, the request needs no parser: the same bytes mean the same.

Rules kept here:
- only a header that the short path took, without a fault and on a connection that stays open, is kept;
- a header with a field that names one request, or with an id in its path, does not come again, and is not kept;
- the length of the body is part of the header, so a known header says where its request ends;
- what is kept is bounded. It holds keys, as do the requests in memory.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from onesixty.http.call import Call
from onesixty.http.hot import Hot
from onesixty.http.idempotency import HEADER

#: The most headers that are kept, and the most bytes of one.
CAPACITY: Final = 1024
LONGEST: Final = 2048

_END: Final = b"\r\n\r\n"
#: The fields that name one request.
_NAMES: Final = (HEADER, b"x-request-id")


class Head(NamedTuple):
    """A header: the route, a call with it, and the length of its body."""

    hot: Hot
    call: Call
    length: int


class Heads:
    """The headers of one server."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[bytes, Head] = {}

    def find(self, data: bytes) -> tuple[Head, bytes] | None:
        """The header and the body, if `data` is one whole request with a known header."""
        end = data.find(_END) + len(_END)
        head = self._known.get(data[:end])
        if head is None or len(data) - end != head.length:
            return None
        return head, data[end:]

    def keep(self, data: bytes, hot: Hot, call: Call) -> None:
        """Keep the header of `data`, which the parser read as the one request `call`."""
        end = data.find(_END) + len(_END)
        if end > LONGEST or len(data) - end != len(call.body):
            return
        if call.item or any(call.header(name) is not None for name in _NAMES):
            return
        if len(self._known) >= CAPACITY:
            self._known.clear()
        self._known[data[:end]] = Head(hot, call.again("", b""), len(call.body))
