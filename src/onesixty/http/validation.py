"""Turns the validation errors of msgspec and pydantic into problems that name the field.

`param` is a path in the usual notation: `to`, `tags[1]`, `settings.port`. Both validators report the first fault
only; codes and words do not depend on the validator. `http.strictness` has the checks that hold for every request.

A field that is null counts as absent: if a field does not accept null, null is dropped before the body is judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from onesixty.core.errors import Problem
from onesixty.http import wording
from onesixty.http.strictness import bad_json, check_members
from onesixty.ops import invalid

if TYPE_CHECKING:  # the settings of carriers and routes are validated without a server
    from fastapi.exceptions import RequestValidationError

_T = TypeVar("_T")

_MISSING: Final = re.compile(r"Object missing required field `(.*)`")
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
#: msgspec's sentence for a null in a field of an object that does not accept it.
_NULL: Final = re.compile(r"Expected `.*`, got `null` - at `\$\.([^.\[\]`]+)`")
#: A path of msgspec up to a member that it does not name, and the steps of a path.
_UNNAMED: Final = re.compile(r" - at (?:`key` in )?`\$((?:\.[^.\[\]`]+|\[\d+\])*)\[\.\.\.\]")
_STEP: Final = re.compile(r"\.([^.\[\]`]+)|\[(\d+)\]")
#: An object with more members keeps `[...]`: each is a body to decode.
_MOST_TRIED: Final = 100
#: The type of pydantic's error for an unknown field of a model (`http.bodies`).
UNKNOWN: Final = "unknown_field"
#: Limits how much of a hostile field name is echoed.
_LONGEST_PARAM: Final = 200

#: Codes for some types of pydantic's errors; all others are `invalid_field`.
_BODY_CODES: Final = {
    "missing": "missing_field",
    UNKNOWN: "unknown_field",
    "json_invalid": "bad_json",
}


def decode(decoder: Callable[[bytes], _T], body: bytes, *, members: bool = True, at: str = "") -> _T:
    """Decode the body with `decoder` (a msgspec decoder's `decode`). Raises Problem.

    With `members` False, the caller checks for duplicate members itself. `at` is the path of a part of a body.
    """
    try:
        try:
            decoded = decoder(body)
        except msgspec.ValidationError as error:
            # msgspec stops at the first fault. Whether the rest is JSON at all has to be checked first.
            plain = msgspec.json.decode(body)
            check_members(body)
            return _without_nulls(decoder, plain, error, at)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise bad_json(body, error) from None
    if members:
        check_members(body)
    return decoded


def _without_nulls(decoder: Callable[[bytes], _T], plain: Any, error: msgspec.ValidationError, at: str) -> _T:
    """Decode the body without the nulls that its fields do not accept. Raises Problem for any other fault."""
    while True:
        null = _NULL.fullmatch(str(error))
        if null is None or not isinstance(plain, dict) or plain.get(null[1], 0) is not None:
            raise of_msgspec(_named(decoder, plain, error), _fields_of(decoder), at) from None
        plain = {name: value for name, value in plain.items() if name != null[1]}
        try:
            return decoder(msgspec.json.encode(plain))
        except msgspec.ValidationError as next_:
            error = next_


def _named(
    decoder: Callable[[bytes], object], plain: Any, error: msgspec.ValidationError
) -> msgspec.ValidationError:
    """The fault with the names of members for which msgspec writes `[...]`: those of an object whose names are free.
    A member is the one at fault if the object with this member alone has the same fault."""
    message = str(error)
    while (found := _UNNAMED.search(message)) is not None:
        members = plain
        for name, index in _STEP.findall(found[1]):
            members = members[name or int(index)]
        if not isinstance(members, dict) or len(members) > _MOST_TRIED:
            break
        tried = list(members.items())
        name = next(
            (one for one, value in tried if _fails(decoder, plain, members, {one: value}, str(error))), None
        )
        if name is None:
            break
        message = f"{message[: found.end(1)]}.{name}{message[found.end() :]}"
    return msgspec.ValidationError(message)


def _fails(
    decoder: Callable[[bytes], object],
    plain: Any,
    members: dict[str, Any],
    alone: dict[str, Any],
    message: str,
) -> bool:
    """Whether the body has this fault if `members`, an object in it, has only those of `alone`."""
    several = dict(members)
    members.clear()
    members.update(alone)
    try:
        decoder(msgspec.json.encode(plain))
    except msgspec.ValidationError as error:
        return str(error) == message
    finally:
        members.clear()
        members.update(several)
    return False


def _fields_of(decoder: Callable[[bytes], object]) -> Sequence[str]:
    """The names of the fields that a decoder of a struct knows."""
    kind = getattr(getattr(decoder, "__self__", None), "type", None)
    fields: Sequence[str] = getattr(kind, "__struct_encode_fields__", ())
    return fields


def of_msgspec(error: msgspec.ValidationError, fields: Sequence[str] = (), at: str = "") -> Problem:
    """The problem for a fault that msgspec found. `fields` are the names to suggest from, `at` is the path of
    what was decoded."""
    path, fault = invalid.of_msgspec(error, at)
    if found := _MISSING.fullmatch(fault):
        return _missing(shorten(f"{path}.{found[1]}" if path else found[1]))
    if found := _UNKNOWN.fullmatch(fault):
        param = shorten(f"{path}.{found[1]}" if path else found[1])
        hint = "" if path else wording.suggestion(found[1], fields)
        return Problem("unknown_field", wording.unknown_field(param, hint), param=param)
    param = shorten(path)
    return Problem("invalid_field", wording.sentence(param, fault), param=param or None)


def _missing(param: str) -> Problem:
    return Problem("missing_field", f"`{param}` is missing.", param=param)


def of_request_validation(error: RequestValidationError) -> Problem:
    """The problem for the first fault that FastAPI found in a request."""
    first: dict[str, Any] = error.errors()[0]
    where, *rest = first["loc"]
    fault = invalid.of_pydantic(first)
    kind = first["type"]
    if kind == UNKNOWN:
        rest = [*rest, first["ctx"]["name"]]
    if where == "query":  # of a parameter that is repeated, the name is what a caller knows
        rest = [part for part in rest if isinstance(part, str)]
    param = path_of(rest)
    if where != "body":
        if kind == UNKNOWN:
            sentence = f"Unknown parameter `{param}`.{first['ctx']['hint']}"
            return Problem("invalid_parameter", sentence, param=param)
        return Problem("invalid_parameter", wording.sentence(param, fault), param=param or None)
    code = _BODY_CODES.get(kind, "invalid_field")
    if code == "bad_json" or (code == "missing_field" and not rest):
        return Problem("bad_json", "The body is empty." if code == "missing_field" else None)
    if code == "missing_field":
        return _missing(param)
    if code == "unknown_field":
        return Problem(code, wording.unknown_field(param, first["ctx"]["hint"]), param=param)
    return Problem(code, wording.sentence(param, fault), param=param or None)


def path_of(parts: Sequence[str | int]) -> str:
    """`("tags", 1)` -> `tags[1]`."""
    path = ""
    for part in parts:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else part
    return shorten(path)


def shorten(param: str) -> str:
    """A name from a request, shortened so that it can be shown."""
    return param if len(param) <= _LONGEST_PARAM else param[: _LONGEST_PARAM - 1] + "…"
