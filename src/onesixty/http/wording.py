"""The sentences for invalid values, in the words of JSON rather than of Python, and suggestions for unknown names.

Rules kept here:
- a fault is a predicate without subject and full stop: `must be a string, not a list`. `sentence` puts the field in
  front, so that the same fault always reads the same;
- msgspec's "Expected `str`, got `array`" and pydantic's "Input should be a valid string" become the same words;
- the text of an unknown exception is shown after the field and a colon.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Final

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
_EXPECTED: Final = re.compile(r"Expected `([^`]*)`(.*?)(?:, got `([^`]*)`)?", re.DOTALL)
_MSGSPEC: Final = (
    (re.compile(r" of length >= (\d+)$"), r" of at least \1"),
    (re.compile(r" of length <= (\d+)$"), r" of at most \1"),
    (re.compile(r" >= (-?[\d.]+)$"), r" of at least \1"),
    (re.compile(r" <= (-?[\d.]+)$"), r" of at most \1"),
    (re.compile(r" matching regex '?(.*?)'?$", re.DOTALL), r" that matches `\1`"),
    (re.compile(r" with a timezone component$"), " with a time zone"),
)
_UNITS: Final = {"a string": "characters", "a list": "entries", "an object": "fields"}

#: Other APIs' names of our fields, in lower case without `_` and `-`.
_ALIASES: Final = {
    "body": "text",
    "message": "text",
    "content": "text",
    "sms": "text",
    "sender": "from",
    "senderid": "from",
    "source": "from",
    "originator": "from",
    "recipient": "to",
    "recipients": "to",
    "destination": "to",
    "phone": "to",
    "number": "to",
    "msisdn": "to",
    "callbackurl": "status_callback",
    "callback": "status_callback",
    "dlrurl": "status_callback",
    "validityperiod": "valid_for",
    "ttl": "valid_for",
    "sendat": "scheduled_at",
    "schedule": "scheduled_at",
    "clientref": "reference",
    "messages": "text",
}


#: The sentence for an unreadable time; the same in bodies, queries and the command line.
TIME: Final = "must be an RFC 3339 time with a time zone, such as 2026-01-31T12:00:00Z"


def sentence(param: str, fault: str) -> str:
    """The sentence about a field (empty for the body as a whole): `tags[1]` must be a string, not an integer."""
    if fault.startswith("must "):
        return f"`{param}` {fault}." if param else f"The body {fault}."
    return f"`{param}`: {fault}." if param else f"{fault[:1].upper()}{fault[1:]}."


def unknown_field(param: str, hint: str = "") -> str:
    """The sentence for a field that an endpoint does not have."""
    return f"Unknown field `{param}`.{hint}"


def plain(message: str) -> str:
    """A msgspec fault without its path, as a predicate."""
    match = _EXPECTED.fullmatch(message)
    if match is None:
        if message.startswith("Invalid enum value"):
            return f"must be one of the documented values, not{message.removeprefix('Invalid enum value')}"
        if message.startswith("Invalid RFC3339"):
            return TIME
        return message
    wanted, bound, got = match[1], match[2], match[3]
    kinds = [_KINDS.get(kind, kind) for kind in wanted.split(" | ") if kind != "null"]
    for pattern, words in _MSGSPEC:
        if pattern.search(bound):
            bound = pattern.sub(words, bound)
            if "length" in match[2]:
                bound += f" {_UNITS.get(kinds[0], '')}".rstrip()
            break
    text = f"must be {' or '.join(kinds)}{bound}"
    return text if got is None else f"{text}, not {_KINDS.get(got, got)}"


def of_pydantic(error: dict[str, Any]) -> str:
    """A pydantic fault, as a predicate."""
    kind, context = str(error["type"]), error.get("ctx", {})
    wanted = _PYDANTIC.get(kind)
    if wanted is None:
        return str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    text = wanted.format(**{name: _limit(value) for name, value in context.items()})
    return f"{text}, not {_kind_of(error.get('input'))}" if kind.endswith("_type") else text


def suggestion(name: str, fields: Sequence[str]) -> str:
    """` Did you mean ...?` if `name` resembles one of `fields`, or is another API's name for one; otherwise empty."""
    folded = _fold(name)
    by_fold = {_fold(field): field for field in fields}
    alias = _ALIASES.get(folded)
    if folded in by_fold:
        found = by_fold[folded]
    elif alias in fields:
        found = str(alias)
    else:
        near = get_close_matches(folded[:64], by_fold, n=1, cutoff=0.75)
        if not near:
            return ""
        found = by_fold[near[0]]
    return f" Did you mean `{found}`?"


def _fold(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _kind_of(value: object) -> str:
    for types, words in (
        (bool, "true or false"),
        (str, "a string"),
        (int, "an integer"),
        (float, "a number"),
        (list, "a list"),
        (dict, "an object"),
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
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "string_too_short": "must be a string of at least {min_length} characters",
    "string_too_long": "must be a string of at most {max_length} characters",
    "string_pattern_mismatch": "must match `{pattern}`",
    "too_short": "must be a list of at least {min_length} entries",
    "too_long": "must be a list of at most {max_length} entries",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "greater_than": "must be more than {gt}",
    "less_than": "must be less than {lt}",
    "literal_error": "must be {expected}",
}
