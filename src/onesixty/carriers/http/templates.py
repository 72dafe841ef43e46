"""Templates of requests: texts with `{placeholders}`, and structures of such texts.

Rules kept here:
- a placeholder is a name in braces; anything else in braces is plain text. There are no expressions, no
  attributes, no calls: a template can reach only the values that it is given;
- a text that is exactly one placeholder becomes the value itself (a number stays a number); any other text
  becomes text;
- `{name?}` omits the field, or the entry of an array, if the value is empty; a structure with nothing left is
  omitted too. None, false and the empty text are empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

#: Marks a value that is left out.
ABSENT: Final = object()

_PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z0-9_]*)(\??)\}")

Values = Mapping[str, object]
Escape = Callable[[str], str]


def names(template: Any) -> Iterator[str]:
    """Yield the placeholders of a template, or of a structure of templates."""
    if isinstance(template, str):
        for found in _PLACEHOLDER.finditer(template):
            yield found[1]
    elif isinstance(template, dict):
        for inner in template.values():
            yield from names(inner)
    elif isinstance(template, list):
        for inner in template:
            yield from names(inner)


def text_of(value: object) -> str:
    """Return the text that stands for a value inside a longer text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def fill_text(template: str, values: Values, escape: Escape | None = None) -> str | None:
    """Fill in the values of a text, each passed through `escape`. Returns None if a `{name?}` is empty."""
    absent = False

    def put(found: re.Match[str]) -> str:
        nonlocal absent
        value = values[found[1]]
        if found[2] and _is_empty(value):
            absent = True
        text = text_of(value)
        return text if escape is None else escape(text)

    filled = _PLACEHOLDER.sub(put, template)
    return None if absent else filled


def fill(template: Any, values: Values) -> Any:
    """Fill in the values of a structure of templates. Returns ABSENT if nothing of it is left."""
    if isinstance(template, str):
        whole = _PLACEHOLDER.fullmatch(template)
        if whole is None:
            text = fill_text(template, values)
            return ABSENT if text is None else text
        value = values[whole[1]]
        return ABSENT if whole[2] and _is_empty(value) else value
    if isinstance(template, dict):
        pairs = {name: fill(inner, values) for name, inner in template.items()}
        kept = {name: value for name, value in pairs.items() if value is not ABSENT}
        return ABSENT if pairs and not kept else kept
    if isinstance(template, list):
        entries = [fill(inner, values) for inner in template]
        left = [value for value in entries if value is not ABSENT]
        return ABSENT if entries and not left else left
    return template


def _is_empty(value: object) -> bool:
    return value is None or value is False or value == ""
