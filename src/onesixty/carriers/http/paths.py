"""Where a value stands in what a provider wrote: `messages[0].message-id`, `data.to[0].status`.

A path is names with dots between, and numbers in brackets for the places of an array. The empty path is the
whole. What is not there is None; a value that is a number or a truth is given as the text that JSON has for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

#: Reports that are read in one step.
SLICE: Final = 100

_STEP: Final = re.compile(r"\.?([^.\[\]]+)|\[(\d{1,4})\]")


@lru_cache(maxsize=1024)
def steps(path: str) -> tuple[str | int, ...]:
    """The steps of a path. Raises ValueError with a sentence for what is none."""
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
    """What stands there, or None."""
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
    """The text, number or truth that stands there, as text; None for an empty path and for anything else."""
    if not path:
        return None
    value = value_at(document, path)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return value if isinstance(value, str) else None


def fits(document: Any, when: dict[str, list[str]]) -> bool:
    """Whether one of the words of each path stands there."""
    return all(text_at(document, path) in words for path, words in when.items())


def slices(reports: list[Any]) -> Iterator[list[Any]]:
    """The same, a few at a time: what is read and handed over in one step of the loop."""
    for start in range(0, len(reports), SLICE):
        yield reports[start : start + SLICE]


def each_of(document: Any, path: str) -> list[Any]:
    """The entries of the array at `path`, or the one thing that stands there."""
    found = value_at(document, path)
    if found is None:
        return []
    return found if isinstance(found, list) else [found]
