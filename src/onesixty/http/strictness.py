"""Refuses requests that cannot be understood, or that could be understood in two ways.

The rule: from customers nothing is accepted that cannot be understood, and nothing is guessed. (For carriers it is
the other way round: nothing that can be understood is refused.) This module has the checks that hold for every
request, whatever its endpoint:

- header fields: exactly one valid Host (RFC 9112, 3.2); no second line of a field that may
  appear once (RFC 9110, 5.3);
- JSON (RFC 8259): well-formed, UTF-8, no name twice in one object, at most `MOST_DEPTH` levels;
- queries: valid UTF-8, no parameter twice, apart from those of which an endpoint takes several values. An empty
  parameter is a value: a filter then finds rows with an empty value, which are mostly none, and never all rows.

Types, ranges and unknown fields are judged by the struct or model of each endpoint
(`http.validation` and `http.bodies`).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from onesixty.core.errors import Problem

#: The most levels of objects and lists in a body. Endpoints need only a few.
MOST_DEPTH: Final = 64

#: Fields that hold one value: two lines cannot be joined, and to choose one would be a guess.
SINGLE: Final = frozenset(
    {
        b"authorization",
        b"content-length",
        b"content-type",
        b"expect",
        b"host",
        b"idempotency-key",
        b"if-match",
        b"last-event-id",
    }
)

#: No parameter may be repeated.
_NONE: Final[frozenset[str]] = frozenset()

#: RFC 3986, 3.2.2: a registered name, an IPv4 address, or an IPv6 address in brackets; and a port.
_HOST: Final = re.compile(
    rb"(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?"
)
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SPACE_AND_COLON: Final = re.compile(rb"[ \n\t\r]:")
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_EMPTY: Final = re.compile(rb"\[\]|\{\}")

Headers = list[tuple[bytes, bytes]]


def header_fault(headers: Headers, http_1_0: bool = False) -> str | None:
    """Why these header fields cannot be understood, or None. Names are in lower case."""
    counts = Counter(name for name, _ in headers)
    for name, count in counts.items():
        if count > 1 and name in SINGLE:
            return f"The header `{name.decode('latin-1')}` appears {count} times; send it once."
    host = next((value for name, value in headers if name == b"host"), None)
    if host is None:
        return None if http_1_0 else "The header `Host` is missing."
    return None if valid_host(host) else "The header `Host` is not a valid host name."


@lru_cache(256)
def valid_host(value: bytes) -> bool:
    """Whether a Host field is valid (RFC 9110, 7.2); it may be empty."""
    return _HOST.fullmatch(value) is not None


def check_query(query: bytes, repeated: frozenset[str] = _NONE) -> None:
    """Raise Problem `invalid_parameter` unless each parameter of a query appears once. Those in `repeated` may appear
    once with each of several values."""
    if not query:
        return
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError):
        raise Problem("invalid_parameter", "The query string is not percent-encoded UTF-8.") from None
    seen: set[str] = set()
    for name, value in pairs:
        said = f"{name}={value}" if name in repeated else name
        if said in seen:
            raise Problem(
                "invalid_parameter", f"`{said[:200]}` appears more than once in the query.", param=name[:200]
            )
        seen.add(said)


def check_json(body: bytes) -> Any:
    """Decode the body as JSON. Raises Problem `bad_json`, also if an object has a name twice
    or the nesting is too deep."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise bad_json(body, error) from None
    if _too_deep(body):
        raise _nested()
    check_members(body)
    return value


def check_members(body: bytes) -> None:
    """Raise Problem `bad_json` if an object in `body`, which is JSON, has a name twice.

    RFC 8259, 4: names should be unique, and readers differ in which of two values they take.
    """
    if body.find(b"{", 1) >= 0 or _members_at_most(body) != _names_of(body):
        json.loads(body, object_pairs_hook=_unique)


def bad_json(body: bytes, error: Exception) -> Problem:
    """The refusal of a body that a JSON reader could not decode."""
    if isinstance(error, RecursionError):
        return _nested()
    if not body.strip():
        detail = "The body is empty."
    elif isinstance(error, UnicodeDecodeError):
        detail = "The body is not valid UTF-8."
    else:
        detail = f"The body is not valid JSON: {error}."
    return Problem("bad_json", detail)


def _nested() -> Problem:
    return Problem("bad_json", f"The body is nested too deeply; at most {MOST_DEPTH} levels are allowed.")


def _members_at_most(body: bytes) -> int:
    """An upper bound of the number of members of a flat object. If it equals the number of different
    names, no name appears twice.

    A name ends with a quote and a colon. Strings that contain these make the count too large; then the
    body is parsed again to be sure.
    """
    if _SPACE_AND_COLON.search(body):
        return body.count(b":")
    return body.count(b'":')


def _names_of(body: bytes) -> int:
    """The number of different names in a flat object."""
    try:
        return len(msgspec.json.decode(body))
    except TypeError:  # the body is not an object or list
        return 0


def _unique(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise Problem(
                "bad_json", f"`{name[:200]}` appears more than once in one object.", param=name[:200]
            )
        seen.add(name)


def _too_deep(body: bytes) -> bool:
    if body.count(b"[") + body.count(b"{") <= MOST_DEPTH:
        return False
    brackets = _STRING.sub(b"", body).translate(None, _NO_BRACKETS)
    for _ in range(MOST_DEPTH):  # each round removes the innermost level
        brackets = _EMPTY.sub(b"", brackets)
        if not brackets:
            return False
    return True
