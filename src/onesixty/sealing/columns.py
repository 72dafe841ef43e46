"""The sealed columns of all tables: finds values that are not sealed with the key in force, and seals them with it.

A table names its sealed columns (`sealed` in `store.table`). The statements that find and replace them are
generated.

Rules kept here:
- a value is replaced only if it is still as it was read, so several nodes and a rotation may do this at once, and
  nobody's change is lost. Its plain value stays the same, so no version changes and nobody has to be told;
- a step is a few rows in one transaction. What was done stays done: the next run goes on with the rest;
- on SQLite, the file is wiped after plain values were sealed, as it is after a redaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from onesixty.core.contracts import Write
from onesixty.sealing.keyring import SEALED, Keyring, is_sealed
from onesixty.store.contract import Store
from onesixty.store.table import Table
from onesixty.store.units import StoreError, Unit

#: Rows of one step.
STEP: Final = 100


def sealed_tables(packages: Sequence[str]) -> list[Table[Any]]:
    """The tables of these packages that have sealed columns."""
    tables: list[Table[Any]] = []
    for package in packages:
        if find_spec(f"{package}.tables") is not None:
            tables += [table for table in import_module(f"{package}.tables").TABLES if table.sealed]
    return tables


async def reseal(store: Store, keyring: Keyring, tables: Sequence[Table[Any]]) -> int:
    """Seal every value that is plain, or sealed with another key, with the key in force. Returns how many were
    replaced. Raises StoreError, and Unopenable for a value whose key is not known."""
    pattern = f"{SEALED}{keyring.current}:%"
    return sum([await _reseal_table(store, keyring, table, pattern) for table in tables])


async def seal_plain(store: Store, keyring: Keyring, tables: Sequence[Table[Any]]) -> int:
    """Seal every value that is plain. Returns how many were. Raises StoreError."""
    return sum([await _reseal_table(store, keyring, table, f"{SEALED}%") for table in tables])


async def left(store: Store, key_id: str, tables: Sequence[Table[Any]]) -> int:
    """The number of rows that have a value not sealed with this key. Raises StoreError."""
    count = 0
    for table in tables:
        rows = await store.fetch(f"{table.statements}_unsealed_count", pattern=f"{SEALED}{key_id}:%")
        count += int(rows[0][0])
    return count


async def _reseal_table(store: Store, keyring: Keyring, table: Table[Any], pattern: str) -> int:
    """Seal the values that are not like `pattern`."""
    replaced, after = 0, ""
    while True:
        rows = await store.fetch(f"{table.statements}_unsealed", after=after, pattern=pattern, most=STEP)
        if not rows:
            return replaced
        after = str(rows[-1][0])
        units, plain = [], False
        for key, *values in rows:
            for field, value in zip(table.sealed, values, strict=True):
                if not value or str(value).startswith(pattern[:-1]):
                    continue
                purpose = table.purpose(field)
                clear = keyring.open(value, purpose, key) if is_sealed(value) else str(value).encode()
                plain = plain or not is_sealed(value)
                guard: Write = (
                    f"{table.statements}_reseal_{field}",
                    (key, value, keyring.seal(clear, purpose, key)),
                )
                units.append(Unit(keys=(f"{key} {field}",), guards=(guard,)))
        further = [Unit(("wipe",), writes=(("redaction_note", ("redactions",)),))] if plain else []
        results = await store.commit([*units, *further])
        for result in results:
            if isinstance(result, StoreError):
                raise result
        replaced += sum(result is True for result in results[: len(units)])
