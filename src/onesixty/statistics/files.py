"""Reports as files: CSV with a header line, JSON Lines, and Parquet.

Rules kept here:
- a file has the columns of its report, whatever its rows: one for each dimension, status and percentile;
- an amount of money has a column for each currency that occurs;
- in Parquet, times are timestamps, amounts are decimals, and texts are as they are;
- in CSV, texts that a spreadsheet would take for a formula get an apostrophe, as in exports of messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from onesixty.core import money, statuses, times
from onesixty.core.cells import cell, lines
from onesixty.statistics import parquet
from onesixty.statistics.counting import TIMES
from onesixty.statistics.parquet import Column

CSV: Final = "csv"
LINES: Final = "jsonl"
PARQUET: Final = "parquet"
#: The type of Parquet is the one registered with IANA.
TYPES: Final = {
    CSV: "text/csv; charset=utf-8",
    LINES: "application/x-ndjson",
    PARQUET: "application/vnd.apache.parquet",
}


def written(rows: Sequence[msgspec.Struct], by: Sequence[str], form: str) -> bytes:
    """The rows of a report as a file."""
    plain: list[dict[str, Any]] = [msgspec.to_builtins(row) for row in rows]
    if form == PARQUET:
        return parquet.written(_columns(plain, by))
    if form == LINES:
        return b"".join(msgspec.json.encode(row) + b"\n" for row in plain)
    return _csv(plain, by)


def _csv(rows: Sequence[dict[str, Any]], by: Sequence[str]) -> bytes:
    columns = _columns(rows, by)
    cells = (
        [
            row["start"], row["end"], *(cell(row.get(name)) for name in by),
            *(_cell(column, index) for column in columns[2 + len(by):]),
        ]
        for index, row in enumerate(rows)
    )  # fmt: skip
    return lines([[column.name for column in columns], *cells]).encode()


def _columns(rows: Sequence[dict[str, Any]], by: Sequence[str]) -> list[Column]:
    """The rows by column, with times and amounts as numbers."""
    currencies = {
        name: sorted({amount["currency"] for row in rows for amount in row.get(name, ())})
        for name in ("price", "cost")
    }
    percentiles = list(
        dict.fromkeys(
            (f"{of}_seconds", name) for of in TIMES for row in rows for name in row.get(f"{of}_seconds", ())
        )
    )
    amounts: list[dict[tuple[str, str], int]] = [
        {
            (name, amount["currency"]): money.from_text(amount["amount"])
            for name in currencies
            for amount in row.get(name, ())
        }
        for row in rows
    ]
    return [
        *(
            Column(name, parquet.TIME, [times.from_text(row[name]) for row in rows])
            for name in ("start", "end")
        ),
        *(Column(name, parquet.TEXT, [row.get(name) for row in rows], optional=True) for name in by),
        *(Column(name, parquet.WHOLE, [row[name] for row in rows]) for name in ("messages", "segments")),
        *(
            Column(status, parquet.WHOLE, [row["statuses"].get(status, 0) for row in rows])
            for status in statuses.ALL
        ),
        *(
            Column(f"{name}_{currency}", parquet.MONEY, [found.get((name, currency), 0) for found in amounts])
            for name, known in currencies.items()
            for currency in known
        ),
        *(
            Column(
                f"{of}_{name}",
                parquet.NUMBER,
                [row.get(of, {}).get(name) for row in rows],
                optional=True,
            )
            for of, name in percentiles
        ),
    ]


def _cell(column: Column, index: int) -> Any:
    value = column.values[index]
    return money.to_text(value) if column.kind == parquet.MONEY else value
