"""The national language shift tables, from `national.toml`.

Source: 3GPP TS 23.038, annex A.2 (single shift tables) and A.3 (locking shift tables); the identifiers are those
of 6.2.1.2.4. A locking shift table replaces the default alphabet for the whole message, a single shift table
replaces the extension table. The message's header names the tables (see `shifts`).

In every table 0x1B is the escape, and 0x0A is LF (locking) or form feed (single); 0x0D is CR in a locking table
and reserved in a single one.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from .gsm0338 import DEFAULT_ALPHABET, ESCAPE, EXTENSION_TABLE

#: ISO 639-1 codes to national language identifiers. Assamese is written with the table of Bengali.
LANGUAGES: Final[dict[str, int]] = {
    "tr": 1,
    "es": 2,
    "pt": 3,
    "bn": 4,
    "as": 4,
    "gu": 5,
    "hi": 6,
    "kn": 7,
    "ml": 8,
    "or": 9,
    "pa": 10,
    "ta": 11,
    "te": 12,
    "ur": 13,
}

#: The identifiers that have a table, including 0 for the default one. Spanish has no locking table (A.3.2 is void).
SINGLE: Final = frozenset((0, *LANGUAGES.values()))
LOCKING: Final = SINGLE - {LANGUAGES["es"]}

#: Maps septets to characters; a septet without a character is missing.
Table = dict[int, str]


def locking_table(identifier: int) -> Table:
    """Return the locking shift table of an identifier; the default alphabet for 0."""
    return _tables()["locking", identifier]


def single_table(identifier: int) -> Table:
    """Return the single shift table of an identifier; the extension table for 0."""
    return _tables()["single", identifier]


@cache
def _tables() -> dict[tuple[str, int], Table]:
    """Return all tables. The file is read at the first use, because most messages need none."""
    said = tomllib.loads(Path(__file__).with_name("national.toml").read_text(encoding="utf-8"))
    tables: dict[tuple[str, int], Table] = {
        ("locking", 0): {code: mark for code, mark in enumerate(DEFAULT_ALPHABET) if code != ESCAPE},
        ("single", 0): EXTENSION_TABLE,
    }
    for language in said.values():
        for kind in language.keys() & {"locking", "single"}:
            cells = enumerate(language[kind].split())
            table = {code: chr(int(cell, 16)) for code, cell in cells if cell != "...."}
            tables[kind, language["identifier"]] = table
    return tables
