"""The bodies and answers of resources: one msgspec struct for each body and each answer, which
validates, encodes and documents.

Rules kept here:
- a body refuses unknown fields, wrong types, and the NUL character, which PostgreSQL cannot hold in text;
- in a POST, a field that is null counts as absent; a PATCH is a merge patch (`http.merge_patch`);
- a field of an answer that is UNSET is not shown.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar, get_args

import msgspec
from msgspec import Meta

from onesixty.core import times
from onesixty.core.errors import Problem
from onesixty.http.bodies import has_nul
from onesixty.http.openapi_polish import NAMED
from onesixty.http.validation import decode, shorten

_T = TypeVar("_T")

_MOMENT: Final = Meta(extra_json_schema={"format": "date-time"})
#: A time in an answer, as text.
Time = Annotated[str, _MOMENT]
#: A time in a body, with its time zone.
Moment = Annotated[datetime, Meta(tz=True)]

#: NUL in a text of JSON.
NUL: Final = b"\\u0000"


def one_of(values: Iterable[str]) -> Meta:
    """The values that a text of an answer can have. A `Literal` would lose their order in the document."""
    return Meta(extra_json_schema={"enum": list(values)})


def named(name: str) -> Meta:
    """A text that is of the closed set with this name in the document: `ErrorCode`, `Scope`, `EventType`."""
    return Meta(extra_json_schema={NAMED: name})


class Body(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The base of bodies."""


class Answer(msgspec.Struct, kw_only=True):
    """The base of answers."""


def read(decoder: Callable[[bytes], _T], body: bytes) -> _T:
    """Decode the body of a request into the struct of `decoder`. Raises Problem."""
    if NUL in body:
        check_nul(decode(msgspec.json.Decoder(Any).decode, body))
    return decode(decoder, body)


def check_nul(body: object) -> None:
    """Raise Problem if any field of a body contains a NUL character."""
    for name, value in body.items() if isinstance(body, dict) else ():
        if has_nul(name) or has_nul(value):
            param = shorten(name)
            raise Problem("invalid_field", f"`{param}` must not contain a NUL character.", param=param)


def shown_fields(view: type[Any], row: msgspec.Struct) -> dict[str, Any]:
    """The fields of a row that the answer has under the same names; times become text."""
    given: dict[str, Any] = {}
    for name, is_time in _fields_of(view):  # type: ignore[arg-type]  # mypy: types are hashable
        if hasattr(row, name):
            value = getattr(row, name)
            given[name] = times.to_text(value) if is_time and isinstance(value, int) else value
    return given


@functools.cache
def _fields_of(view: type[Any]) -> tuple[tuple[str, bool], ...]:
    """The names of the fields of an answer, and whether each is a time: to find them out costs more than a row."""
    return tuple((field.name, _is_time(field.type)) for field in msgspec.structs.fields(view))


def _is_time(kind: Any) -> bool:
    """Whether the type of a field is a time or an optional time, described or not."""
    options = [kind, *get_args(kind)]
    options += [inner for option in get_args(kind) for inner in get_args(option)]
    return any(_MOMENT in getattr(option, "__metadata__", ()) for option in options)
