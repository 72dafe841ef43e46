"""The words for what is wrong with a value: those of JSON and of people, not of Python; and what may have been meant.

msgspec says "Expected `str`, got `array`", pydantic "Input should be a valid string"; both become "This has to be a
string, not a list". What is not known here is shown as it came.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Final

_KINDS: Final = {
    "str": "a string",
    "int": "a whole number",
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
    (re.compile(r" >= (-?[\d.]+)$"), r" from \1 on"),
    (re.compile(r" <= (-?[\d.]+)$"), r" up to \1"),
    (re.compile(r" matching regex .*$"), " of another form"),
    (re.compile(r" with a timezone component$"), " with its zone"),
)
_UNITS: Final = {"a string": "characters", "a list": "entries", "an object": "fields"}

#: What other APIs call our fields, in lower case without `_` and `-`.
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


def plain(message: str) -> str:
    """A fault as msgspec words it, without its path, in plain words."""
    match = _EXPECTED.fullmatch(message)
    if match is None:
        if message.startswith("Invalid enum value"):
            return message.replace("Invalid enum value", "This is not one of the values that can be used:", 1)
        if message.startswith("Invalid RFC3339"):
            return "This is not an RFC 3339 time with its zone"
        return message
    wanted, bound, got = match[1], match[2], match[3]
    kinds = [_KINDS.get(kind, kind) for kind in wanted.split(" | ") if kind != "null"]
    for pattern, words in _MSGSPEC:
        if pattern.search(bound):
            bound = pattern.sub(words, bound)
            if "of at" in bound:
                bound += f" {_UNITS.get(kinds[0], '')}".rstrip()
            break
    text = f"This has to be {' or '.join(kinds)}{bound}"
    return text if got is None else f"{text}, not {_KINDS.get(got, got)}"


def of_pydantic(error: dict[str, Any]) -> str:
    """A fault as pydantic has it, in plain words, without a full stop."""
    kind, context = str(error["type"]), error.get("ctx", {})
    wanted = _PYDANTIC.get(kind)
    if wanted is None:
        message = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
        return message[:1].upper() + message[1:]
    text = wanted.format(**{name: _limit(value) for name, value in context.items()})
    return f"{text}, not {_kind_of(error.get('input'))}" if kind.endswith("_type") else text


def suggestion(name: str, fields: Sequence[str]) -> str:
    """` Did you mean ...?` if `name` is near to one of `fields`, or what others call it; or nothing."""
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
        (int, "a whole number"),
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
    "string_type": "This has to be a string",
    "int_type": "This has to be a whole number",
    "int_parsing": "This has to be a whole number",
    "int_from_float": "This has to be a whole number",
    "float_type": "This has to be a number",
    "float_parsing": "This has to be a number",
    "bool_type": "This has to be true or false",
    "bool_parsing": "This has to be true or false",
    "list_type": "This has to be a list",
    "dict_type": "This has to be an object",
    "model_type": "This has to be an object",
    "model_attributes_type": "This has to be an object",
    "string_too_short": "This has to be a string of at least {min_length} characters",
    "string_too_long": "This has to be a string of at most {max_length} characters",
    "string_pattern_mismatch": "This does not have the form that is asked for ({pattern})",
    "too_short": "This has to be a list of at least {min_length} entries",
    "too_long": "This has to be a list of at most {max_length} entries",
    "greater_than_equal": "This has to be {ge} or more",
    "less_than_equal": "This has to be {le} or less",
    "greater_than": "This has to be more than {gt}",
    "less_than": "This has to be less than {lt}",
    "literal_error": "This has to be {expected}",
}
