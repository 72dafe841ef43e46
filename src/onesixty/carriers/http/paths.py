"""Finds a value in a provider's document by its path: `messages[0].message-id`, `data.to[0].status`.

A path is names separated by dots, and numbers in brackets for the entries of an array. The empty path is the
whole document. A missing value is None; a number or boolean is returned as its JSON text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

#: How many reports are read in one step.
SLICE: Final = 100

_STEP: Final = re.compile(r"\.?([^.\[\]]+)|\[(\d{1,4})\]")


@lru_cache(maxsize=1024)
def steps(path: str) -> tuple[str | int, ...]:
    """Split a path into its steps. Raises ValueError with a sentence if it is not a path."""
    found: list[str | int] = []
    end = 0
    while end < len(path):
        step = _STEP.match(path, end)
        if step is None:
            raise ValueError(f"{path!r} is not a path: write names, dots and [numbers]")
        found.append(step[1] if step[2] is None else int(step[2]))
        end = step.end()
    return tuple(found)


def value_at(document: Any, path: str) -> Any:
    """Return the value at a path, or None."""
    for step in steps(path):
        if isinstance(step, int):
            if not isinstance(document, list) or step >= len(document):
                return None
            document = document[step]
        elif isinstance(document, dict):
            document = document.get(step)
        else:
            return None
    return document


def text_at(document: Any, path: str) -> str | None:
    """Return the text, number or boolean at a path as text; None for an empty path and for any other value."""
    if not path:
        return None
    value = value_at(document, path)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return value if isinstance(value, str) else None


def fits(document: Any, when: dict[str, list[str]]) -> bool:
    """Whether the value at each path is one of the words listed for it."""
    return all(text_at(document, path) in words for path, words in when.items())


def slices(reports: list[Any]) -> Iterator[list[Any]]:
    """Split reports into slices, which are read and handed over in one step of the loop each."""
    for start in range(0, len(reports), SLICE):
        yield reports[start : start + SLICE]


def each_of(document: Any, path: str) -> list[Any]:
    """Return the entries of the array at `path`, or the single value there as a list."""
    found = value_at(document, path)
    if found is None:
        return []
    return found if isinstance(found, list) else [found]
