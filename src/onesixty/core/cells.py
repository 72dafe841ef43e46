"""The cells of CSV files (RFC 4180) that people open in a spreadsheet.

Rules kept here:
- a cell is data: one that a spreadsheet would run as a formula (it begins with = + - @, a tab or a carriage return)
  gets an apostrophe before it. A plus and digits alone stay, since that is a phone number.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_NUMBER: Final = re.compile(r"\+[0-9]+")


def lines(rows: Iterable[Sequence[object]]) -> str:
    """Rows of cells as the text of a CSV file."""
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue()


def cell(value: object) -> object:
    """A value as a cell."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_FORMULA) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value
