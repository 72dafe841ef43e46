"""Fills a database with messages: copies of one that the product itself delivered, with all its rows.

Copying rows that the product wrote keeps them valid for any version of the schema: `onesixty audit` finds no
fault in a filled database. Nothing else may use the database in the meantime.

Rules kept here:
- a copy has its own ids, in the order of the copies' numbers, and its own recipient;
- the carrier's id of the message differs in each copy too, so that no report can match another copy.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import asyncpg

from onesixty.core.ids import derived

#: How the rows of a message are found: by its id, or by the id of one of its events.
_OWN: Final = (
    ("messages", "id", "message"),
    ("attempts", "message_id", "message"),
    ("receipts", "message_id", "message"),
    ("events", "message_id", "message"),
    ("ledger", "message_id", "message"),
    ("work", "subject", "event"),
)
_DELIVERED: Final = "SELECT id FROM messages WHERE status = 'delivered' ORDER BY id LIMIT 1"
#: The copies are not noted as changed, so the next node counts all messages anew.
_COUNT: Final = "UPDATE statistics_state SET phase = 'clearing', reached = '0', version = version + 1"
_CHUNK: Final = 2000
#: A database that is not filled to the end is made again, so nothing waits for the disk. Indexes of random values
#: need their pages in memory (KiB).
_UNSAFE: Final = (
    "PRAGMA synchronous = OFF",
    "PRAGMA cache_size = -2000000",
    "PRAGMA wal_autocheckpoint = 100000",
)
_DIGITS: Final = 7

Row = tuple[Any, ...]


class FillingError(Exception):
    """There is no message to copy, or the copies do not fit."""


class Pattern(NamedTuple):
    """The rows of one table from which a copy is made, and the table's columns."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def copies(patterns: Sequence[Pattern], numbers: Sequence[int]) -> Iterator[tuple[Pattern, list[Row]]]:
    """Yield for each table the rows of the copies with these numbers, which start at 1."""
    names = _names(patterns)
    changes = [_new_names(names, number) for number in numbers]
    for pattern in patterns:
        rows = []
        for row in pattern.rows:
            places = [
                (place, [old for old in names if isinstance(cell, str) and old in cell])
                for place, cell in enumerate(row)
            ]
            changing = [(place, found) for place, found in places if found]
            rows += [_copied(row, changing, new) for new in changes]
        yield pattern, rows


def _names(patterns: Sequence[Pattern]) -> dict[str, str]:
    """Return the values that must differ in each copy, with their kind: ids, the recipient, the carrier's id."""
    names: dict[str, str] = {}
    for pattern in patterns:
        for row in pattern.rows:
            cells = dict(zip(pattern.columns, row, strict=True))
            if isinstance(own := cells.get("id"), str):
                names[own] = "id"
            if pattern.table == "messages":
                names[cells["recipient"]] = "recipient"
            for column in ("carrier_message_id", "match_id"):
                if cells.get(column):
                    names[cells[column]] = "carrier"
    return names


def _new_names(names: dict[str, str], number: int) -> dict[str, str]:
    new = {}
    for old, kind in names.items():
        if kind == "id":
            new[old] = derived(old.split("_")[0], old, number)
        elif kind == "recipient":
            new[old] = f"{old[:-_DIGITS]}{number % 10**_DIGITS:0{_DIGITS}d}"
        else:
            new[old] = f"{old}{number:08x}"
    return new


def _copied(row: Row, changing: list[tuple[int, list[str]]], new: dict[str, str]) -> Row:
    cells = list(row)
    for place, found in changing:
        cell = cells[place]
        for old in found:
            cell = cell.replace(old, new[old])
        cells[place] = cell
    return tuple(cells)


def fill_sqlite(path: Path, rows: int) -> None:
    """Add `rows` messages to a SQLite file. Raises FillingError, sqlite3.Error."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in _UNSAFE:
            connection.execute(pragma)
        found = connection.execute(_DELIVERED).fetchone()
        if found is None:
            raise FillingError("no delivered message to copy")

        def read(sql: str, *values: str) -> tuple[tuple[str, ...], tuple[Row, ...]]:
            cursor = connection.execute(sql, values)
            return tuple(each[0] for each in cursor.description), tuple(cursor.fetchall())

        patterns: list[Pattern] = []
        for table, column, owner in _OWN:
            patterns.append(
                Pattern(table, *read(*_query(table, column, _owners(owner, found[0], patterns), "?")))
            )
        for numbers in _chunks(rows):
            connection.execute("BEGIN")
            for pattern, content in copies(patterns, numbers):
                marks = ", ".join("?" * len(pattern.columns))
                columns = ", ".join(pattern.columns)
                connection.executemany(f"INSERT INTO {pattern.table} ({columns}) VALUES ({marks})", content)
            connection.execute("COMMIT")
        connection.execute(_COUNT)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def fill_postgresql(url: str, rows: int) -> None:
    """Add `rows` messages to a PostgreSQL database. Raises FillingError, asyncpg.PostgresError."""
    asyncio.run(_fill_postgresql(url, rows))


async def _fill_postgresql(url: str, rows: int) -> None:
    connection = await asyncpg.connect(url, timeout=30)
    try:
        message_id = await connection.fetchval(_DELIVERED)
        if message_id is None:
            raise FillingError("no delivered message to copy")
        patterns: list[Pattern] = []
        for table, column, owner in _OWN:
            sql, *values = _query(table, column, _owners(owner, message_id, patterns), "$")
            statement = await connection.prepare(sql)
            names = tuple(attribute.name for attribute in statement.get_attributes())
            found = await statement.fetch(*values)
            patterns.append(Pattern(table, names, tuple(tuple(row) for row in found)))
        for numbers in _chunks(rows):
            for pattern, content in copies(patterns, numbers):
                await connection.copy_records_to_table(
                    pattern.table, records=content, columns=pattern.columns
                )
        await connection.execute(_COUNT)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


def _owners(owner: str, message_id: str, patterns: Sequence[Pattern]) -> list[str]:
    """Return the ids by which the next rows are read."""
    if owner == "message":
        return [message_id]
    return [
        row[pattern.columns.index("id")]
        for pattern in patterns
        if pattern.table == "events"
        for row in pattern.rows
    ]


def _query(table: str, column: str, owners: Sequence[str], mark: str) -> tuple[str, ...]:
    """Return the statement that reads the rows, and its values."""
    marks = ", ".join("?" if mark == "?" else f"${place}" for place in range(1, len(owners) + 1))
    return f"SELECT * FROM {table} WHERE {column} IN ({marks})", *owners


def _chunks(rows: int) -> Iterator[range]:
    for first in range(1, rows + 1, _CHUNK):
        yield range(first, min(first + _CHUNK, rows + 1))
