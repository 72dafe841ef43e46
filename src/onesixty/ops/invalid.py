"""What is wrong with an invalid value, in the words of JSON and TOML rather than of Python.

Settings, carriers, requests and scenarios are validated by msgspec or pydantic, and say it in these words.

Rules kept here:
- a fault is a predicate without subject and full stop: `must be a string, not a list`. The caller adds the subject;
- msgspec's "Expected `str`, got `array`" and pydantic's "Input should be a valid string" become the same words;
- a regular expression is said in words (`patterns`);
- a length of at least 1 is "must not be empty", and one of 1 is counted in the singular;
- a fault that has no row here is passed on in the words of its exception.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import msgspec

from onesixty.ops import patterns

_KINDS: Final = {
    "str": "a string",
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
    "datetime": "a time",
    "bytes": "base64",
}
#: Where a fault is: "Expected `int` >= 1 - at `$.tags[1]`", for the key of a table "... - at `key` in `$.headers`".
_AT: Final = re.compile(r" - at (?:`key` in )?`\$([^`]*)`$")
_EXPECTED: Final = re.compile(r"Expected `([^`]*)`(.*?)(?:, got `([^`]*)`)?", re.DOTALL)
_LENGTH: Final = re.compile(r" of length (>=|<=) (\d+)$")
#: An expression, as Python writes the string.
_MATCHING: Final = re.compile(r" matching regex (.+)$", re.DOTALL)
_MSGSPEC: Final = (
    (re.compile(r" >= (-?[\d.]+?)(?:\.0)?$"), r" of at least \1"),
    (re.compile(r" <= (-?[\d.]+?)(?:\.0)?$"), r" of at most \1"),
    (re.compile(r" with a timezone component$"), " with a time zone"),
)
_UNITS: Final = {
    "a string": ("character", "characters"),
    "a list": ("entry", "entries"),
    "an object": ("field", "fields"),
    "base64": ("byte", "bytes"),
}

#: The fault of an unreadable time; the same in bodies, queries and the command line.
TIME: Final = "must be an RFC 3339 time with a time zone, such as 2026-01-31T12:00:00Z"


def of_msgspec(error: msgspec.ValidationError, at: str = "") -> tuple[str, str]:
    """The path of the value that msgspec found invalid (`tags[1]`; empty: the whole), and its fault. `at` is the path
    of what was decoded.

    A missing or unknown field is passed on in msgspec's words, with the path of its object."""
    message = str(error)
    inner = _AT.search(message)
    if inner is None:
        return at, _predicate(message)
    return f"{at}{inner[1]}".removeprefix("."), _predicate(message[: inner.start()])


def of_pydantic(error: Mapping[str, Any]) -> str:
    """The fault of one of the `errors()` of pydantic."""
    kind, context = str(error["type"]), error.get("ctx", {})
    if kind in _LENGTHS:
        of, limit = _LENGTHS[kind]
        return _length(of, int(context[limit]), most=limit == "max_length")
    if kind == "string_pattern_mismatch":
        return patterns.fault(context["pattern"])
    wanted = _PYDANTIC.get(kind)
    if wanted is None:
        return str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    text = wanted.format(**{name: _limit(value) for name, value in context.items()})
    return f"{text}, not {_kind_of(error.get('input'))}" if kind.endswith("_type") else text


def _predicate(message: str) -> str:
    match = _EXPECTED.fullmatch(message)
    if match is None:
        if message.startswith("Invalid enum value"):
            return f"must be one of the documented values, not{message.removeprefix('Invalid enum value')}"
        if message.startswith("Invalid RFC3339"):
            return TIME
        return message
    wanted, bound, got = match[1], match[2], match[3]
    kinds = [_KINDS.get(kind, kind) for kind in wanted.split(" | ") if kind != "null"]
    length = _LENGTH.search(bound)
    if length is not None:
        return _length(kinds[0], int(length[2]), most=length[1] == "<=")
    matching = _MATCHING.search(bound)
    if matching is not None:
        return patterns.fault(ast.literal_eval(matching[1]))
    for pattern, words in _MSGSPEC:
        if pattern.search(bound):
            bound = pattern.sub(words, bound)
            break
    text = f"must be {' or '.join(kinds)}{bound}"
    return text if got is None else f"{text}, not {_KINDS.get(got, got)}"


def _length(kind: str, limit: int, *, most: bool) -> str:
    """The fault of a value of this kind that is too long, or too short."""
    if limit == 1 and not most:
        return "must not be empty"
    one, many = _UNITS.get(kind, ("", ""))
    return (
        f"must be {kind} of at {'most' if most else 'least'} {limit} {one if limit == 1 else many}".rstrip()
    )


def _kind_of(value: object) -> str:
    for types, words in (
        (bool, "true or false"),
        (str, "a string"),
        (int, "an integer"),
        (float, "a number"),
        (list, "a list"),
        (dict, "an object"),
        (date, "a date"),
    ):
        if isinstance(value, types):
            return words
    return "null"


def _limit(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


_PYDANTIC: Final = {
    "string_type": "must be a string",
    "int_type": "must be an integer",
    "int_parsing": "must be an integer",
    "int_from_float": "must be an integer",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "decimal_type": "must be a number",
    "decimal_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "path_type": "must be a path",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "greater_than": "must be more than {gt}",
    "less_than": "must be less than {lt}",
    "literal_error": "must be {expected}",
}
#: The faults of lengths: what is too short or too long, and the name of the limit.
_LENGTHS: Final = {
    "string_too_short": ("a string", "min_length"),
    "string_too_long": ("a string", "max_length"),
    "too_short": ("a list", "min_length"),
    "too_long": ("a list", "max_length"),
}
