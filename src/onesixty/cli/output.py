"""How commands show the server's answers: tables on a terminal, JSON for programs.

Rules kept here: one answer is one JSON document, printed if `--json` was given or standard output is not a
terminal. On a terminal, a narrow window may wrap a table but never cuts off an id, which a user may want to copy.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from onesixty.cli.console import say, visible

AsJson = Annotated[
    bool, typer.Option("--json", help="Print JSON. This is the default if the output is not a terminal.")
]

#: A heading, and the content below it: the name of a field, `a.b` for a nested one, or a function of the object.
Column = tuple[str, str | Callable[[dict[str, Any]], object]]


def wants_json(as_json: bool) -> bool:
    """Whether the answer is for a program."""
    return as_json or not sys.stdout.isatty()


def show_json(value: object) -> None:
    """Print one JSON document."""
    say(json.dumps(value, indent=2, ensure_ascii=False))


def show_list(
    rows: Sequence[dict[str, Any]], columns: Sequence[Column], as_json: bool, *, sparse: bool = False
) -> None:
    """Print objects as a table or a JSON array. `sparse` leaves out columns that no row has anything in."""
    if wants_json(as_json):
        show_json(rows)
        return
    if sparse:
        empty = _text(None)
        columns = [column for column in columns if any(cell(row, column[1]) != empty for row in rows)]
    draw([heading for heading, _ in columns], [[cell(row, what) for _, what in columns] for row in rows])
    if not rows:
        say("(none)")


def show_object(value: dict[str, Any], as_json: bool) -> None:
    """Print one object: one line for each field, or JSON."""
    if wants_json(as_json):
        show_json(value)
        return
    draw(None, [[name, _text(one)] for name, one in _flat(value)])


def cell(row: dict[str, Any], what: str | Callable[[dict[str, Any]], object]) -> str:
    """Return the content of a column for a row."""
    if callable(what):
        return _text(what(row))
    value: Any = row
    for name in what.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return _text(value)


def draw(headings: Sequence[str] | None, rows: Sequence[Sequence[str]]) -> None:
    """Print a table on the terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, pad_edge=False, header_style="bold", show_header=headings is not None)
    # without headings, the first column holds the names of the fields
    names = "bold" if headings is None else ""
    for place, heading in enumerate(headings or ("", "")):
        drawn.add_column(heading, no_wrap=place == 0, overflow="fold", style="" if place else names)
    for row in rows:
        drawn.add_row(
            *(Text(visible(text)) for text in row)
        )  # Text, because a name may contain what rich takes for markup
    Console().print(drawn)


def _flat(value: dict[str, Any], prefix: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for name, one in value.items():
        if isinstance(one, dict) and one:
            found += _flat(one, f"{prefix}{name}.")
        else:
            found.append((f"{prefix}{name}", one))
    return found


def _text(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return (
            ", ".join(one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in value)
            or "-"
        )
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
