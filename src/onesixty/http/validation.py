"""What msgspec and pydantic find wrong with a body, as problems that name the field.

`param` is a path as one would write it: `to`, `tags[1]`, `settings.port`. Both validators stop the request at
the first fault told; the codes are the same whichever of them found it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import msgspec
from fastapi.exceptions import RequestValidationError

from onesixty.core.errors import Problem

_T = TypeVar("_T")

_AT: Final = re.compile(r" - at `\$\.?(.*?)`$")
_MISSING: Final = re.compile(r"Object missing required field `(.*)`")
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
#: So that a hostile field name is not echoed at length.
_LONGEST_PARAM: Final = 200

#: Types of pydantic's errors that have a code of their own; all others are `invalid_field`.
_BODY_CODES: Final = {
    "missing": "missing_field",
    "extra_forbidden": "unknown_field",
    "json_invalid": "bad_json",
}


def decode(decoder: Callable[[bytes], _T], body: bytes) -> _T:
    """The body as what `decoder` (a msgspec decoder's `decode`) makes of it. Raises Problem."""
    try:
        try:
            return decoder(body)
        except msgspec.ValidationError as error:
            # msgspec stops at the first fault it meets; that the rest is JSON at all comes first.
            msgspec.json.decode(body)
            raise of_msgspec(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("bad_json", _why_no_json(body, error)) from None


def check_json(body: bytes) -> None:
    """Raise Problem `bad_json` unless the body is JSON as msgspec reads it, also where others are laxer (NaN)."""
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("bad_json", _why_no_json(body, error)) from None


def of_msgspec(error: msgspec.ValidationError) -> Problem:
    """A fault that msgspec found, as a problem."""
    message = str(error)
    path = ""
    at = _AT.search(message)
    if at:
        path = at[1]
        message = message[: at.start()]
    for pattern, code, sentence in (
        (_MISSING, "missing_field", "`{}` is missing."),
        (_UNKNOWN, "unknown_field", "`{}` is not a field of this endpoint."),
    ):
        found = pattern.fullmatch(message)
        if found:
            param = _shorten(f"{path}.{found[1]}" if path else found[1])
            return Problem(code, sentence.format(param), param=param)
    param = _shorten(path)
    where = f"`{param}`: " if param else ""
    return Problem("invalid_field", f"{where}{message}.", param=param or None)


def of_request_validation(error: RequestValidationError) -> Problem:
    """The first fault that FastAPI found in a request, as a problem."""
    first: dict[str, Any] = error.errors()[0]
    where, *rest = first["loc"]
    message = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
    if where != "body":
        param = path_of(rest)
        if first["type"] == "extra_forbidden":
            return Problem(
                "invalid_parameter", f"`{param}` is not a parameter of this endpoint.", param=param
            )
        return Problem("invalid_parameter", f"`{param}`: {message}.", param=param or None)
    code = _BODY_CODES.get(first["type"], "invalid_field")
    if code == "bad_json" or (code == "missing_field" and not rest):
        return Problem("bad_json", "The body is empty." if code == "missing_field" else None)
    param = path_of(rest)
    if code == "missing_field":
        return Problem(code, f"`{param}` is missing.", param=param)
    if code == "unknown_field":
        return Problem(code, f"`{param}` is not a field of this endpoint.", param=param)
    return Problem(code, f"`{param}`: {message}." if param else f"{message}.", param=param or None)


def path_of(parts: Sequence[str | int]) -> str:
    """`("tags", 1)` -> `tags[1]`."""
    path = ""
    for part in parts:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else part
    return _shorten(path)


def _shorten(param: str) -> str:
    return param if len(param) <= _LONGEST_PARAM else param[: _LONGEST_PARAM - 1] + "…"


def _why_no_json(body: bytes, error: Exception) -> str:
    if not body.strip():
        return "The body is empty."
    if isinstance(error, UnicodeDecodeError):
        return "The body is not valid UTF-8."
    if isinstance(error, RecursionError):
        return "The body is nested too deeply."
    return f"The body is not valid JSON: {error}."
