"""A table as one definition: the statements that both engines run, and its rows as structs.

    SHELVES = Table("shelves", Shelf, prefix="shf", owner=("account_id", "test"), filters=("colour",))

`<feature>/tables.py` lists a feature's tables as `TABLES`. For each table, the statement loader generates the
statements `shelves_insert`, `_update`, `_delete`, `_get`, `_all`, `_page` and, with an owner, `_page_of`. A
feature reads and writes the rows through `store.rows`.

Rules kept here:
- the columns are the fields of the struct, in their order: text, integers, floats, booleans (0 and 1); a field
  of any other type is a column of JSON. `columns` gives a column a name that differs from its field; `beside`
  names the fields that have no column;
- a row with a `version` is changed and deleted only if it is still as it was read, and a change adds one to the
  version;
- a change never writes the key, `version`, `created_at`, or the fields named in `fixed`;
- a page starts after its cursor, the key of the last row shown. A filter that is None lets every row pass. `filters`
  compare a field, `conditions` are other filters (`Condition`);
- `named` is a field by which people name a row in place of its key. A unique index has it, alone or after fields
  of the owner; `_named` finds the row;
- `tells` says which rows other nodes hold in memory; `only` is a condition that hides rows of another kind;
- `sealed` names columns of text that are encrypted under the instance secret. `store.rows` seals and opens them, so
  a struct holds what is plain. `_unsealed`, `_unsealed_count` and `_reseal_<field>` find and replace the values.
  `lost` replaces a value whose secret is lost; an empty one is not sealed;
- `secrets`, `personal`, `internal` and `documents` say how the audit log shows the rows (`Audited`). What is sealed
  is secret.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Generic, NamedTuple, TypeVar

import msgspec

from onesixty.store.table_columns import TEXT, WHOLE, column_of, getter, in_json, put_all, same

__all__ = [
    "TEXT",
    "WHOLE",
    "Audited",
    "Condition",
    "R",
    "Table",
    "Unique",
    "pattern_of",
    "text_part",
]

R = TypeVar("R", bound=msgspec.Struct)

#: Sorts after every key.
_LAST: Final = "~"
_FIRST: Final = ""


class Unique(NamedTuple):
    """A unique index of a table, and the refusal for a row that violates it. A column of another table, which is
    written together with this one, is named `table.column`."""

    name: str
    columns: tuple[str, ...]
    detail: str
    #: The field that the refusal names.
    param: str


class Audited(NamedTuple):
    """How the audit log shows the rows of a table: the names of fields.

    `secrets` are masked. The texts in `personal` can be redacted. `internal` is shown to operators alone. `documents`
    hold JSON as text; they are shown as what they hold.
    """

    secrets: frozenset[str] = frozenset()
    personal: frozenset[str] = frozenset()
    internal: frozenset[str] = frozenset()
    documents: frozenset[str] = frozenset()


class Condition(NamedTuple):
    """A filter of a list that is no plain comparison: `sql` with the param of the filter's name, which has the type
    `kind`. `also` are the types of further params, which callers give with the filter."""

    kind: str
    sql: str
    also: Mapping[str, str] = {}


def text_part(column: str, param: str) -> Condition:
    """Rows whose text contains another one, whatever the case. Its value is a `pattern_of`."""
    return Condition(TEXT, f"LOWER({column}) LIKE :{param} ESCAPE '!'")


def pattern_of(part: str | None) -> str | None:
    """The value of a `text_part`."""
    if part is None:
        return None
    escaped = "".join(f"!{char}" if char in "!%_" else char for char in part.lower())
    return f"%{escaped}%"


class Table(Generic[R]):
    """One table. See the module. `prefix` is the prefix of its rows' ids, empty if the key is not an id.
    `statements` replaces the table's name at the start of its statements' names, if that name is taken."""

    def __init__(
        self,
        name: str,
        row: type[R],
        *,
        statements: str = "",
        prefix: str = "",
        key: str = "id",
        owner: tuple[str, ...] = (),
        fixed: tuple[str, ...] = (),
        filters: tuple[str, ...] = (),
        conditions: Mapping[str, Condition] | None = None,
        unique: tuple[Unique, ...] = (),
        named: str = "",
        beside: tuple[str, ...] = (),
        columns: Mapping[str, str] | None = None,
        oldest_first: bool = False,
        only: str = "",
        tells: str = "",
        sealed: tuple[str, ...] = (),
        lost: str = "",
        secrets: tuple[str, ...] = (),
        personal: tuple[str, ...] = (),
        internal: tuple[str, ...] = (),
        documents: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.audited = Audited(*map(frozenset, ((*sealed, *secrets), personal, internal, documents)))
        self.statements = statements or name
        self.row = row
        self.prefix = prefix
        self.key = key
        self.owner = owner
        self.filters = filters
        self.conditions = conditions or {}
        self.sealed = sealed
        self.lost = lost
        self.named = named
        self._unique = unique
        self._oldest_first = oldest_first
        self._only = only
        self._tells = tells
        self._columns = [
            column_of(field, (columns or {}).get(field.name, field.name))
            for field in msgspec.structs.fields(row)
            if field.name not in beside
        ]
        self._by_field = {column.field: column for column in self._columns}
        self.versioned = "version" in self._by_field
        kept = {key, "version", "created_at", *fixed}
        self._changing = [column for column in self._columns if column.field not in kept]
        self._get = getter(self._columns)
        self._get_changing = getter(self._changing)
        self._taken = [(column.field, column.take) for column in self._columns if column.take is not same]
        for field in (key, *owner, *filters, *fixed, *sealed, *secrets, *internal, *documents):
            if field not in self._by_field:
                raise TypeError(f"{row.__name__} has no field {field!r} for the table {name}")
        self._named_by = self._naming() if named else ()

    # ------------------------------------------------------------ rows

    def key_of(self, row: R) -> str:
        """Return the key of a row."""
        return str(getattr(row, self.key))

    def version_of(self, row: R) -> int:
        """Return the version of a row; 1 if the table has none."""
        return int(getattr(row, "version", 1))

    def purpose(self, field: str) -> str:
        """Return the purpose for which the instance secret seals a field; the row's key is what the value is
        about."""
        return f"{self.name}.{self._by_field[field].name}"

    def name_params(self, key: str, reach: Sequence[Any]) -> dict[str, object] | None:
        """Return the params of `named` for a row within reach; None if a name means no one row there."""
        given = dict(zip(self.owner, reach, strict=False)) | {self.named: key}
        params = {field: self.filter(field, given[field]) for field in self._named_by}
        return None if None in params.values() else params

    def values(self, row: R) -> tuple[object, ...]:
        """Return a row as the params of `insert`."""
        return put_all(self._columns, self._get(row))

    def change(self, before: R, after: R) -> tuple[object, ...]:
        """Return a change as the params of `update`."""
        return (*self.guard(before), *put_all(self._changing, self._get_changing(after)))

    def guard(self, row: R) -> tuple[object, ...]:
        """Return the params of `delete`: the key of the row, and its version as it was read."""
        return (self.key_of(row), self.version_of(row)) if self.versioned else (self.key_of(row),)

    def read(self, values: Sequence[Any]) -> R:
        """Convert the result of a statement of this table to a row."""
        given: dict[str, Any] = dict(zip(self._by_field, values, strict=True))
        for field, take in self._taken:
            given[field] = take(given[field])
        return self.row(**given)

    def typed(self, row: R) -> R:
        """Convert a row that was made with values of other types (a list for a tuple) to the types that a read
        gives."""
        return self.read(self.values(row))

    def same(self, row: R, other: R) -> bool:
        """Whether two rows are equal, apart from the fields kept beside the table."""
        return all(getattr(row, field) == getattr(other, field) for field in self._by_field)

    def broken(self, detail: str) -> Unique | None:
        """Find the unique index that an engine's error names. Both engines name the index or its columns."""
        for unique in self._unique:
            columns = [column if "." in column else f"{self.name}.{column}" for column in unique.columns]
            if unique.name in detail or all(column in detail for column in columns):
                return unique
        return None

    def cursor(self, after: str | None) -> str:
        """Return the key after which a page starts: the last one shown, or the end of the order at which reading
        begins."""
        return after if after is not None else _FIRST if self._oldest_first else _LAST

    def filter(self, field: str, value: Any) -> object:
        """Convert a filter to its param; on a JSON list, a filter is one entry of the list."""
        column = self._by_field[field]
        return value if value is None or column.put is in_json else column.put(value)

    # ------------------------------------------------------------ statements

    @property
    def text(self) -> str:
        """The statements, as a `statements.sql` would hold them."""
        owned = [self.statement("page_of", "a page of what one owner has", *self._page(self.owner[:1]))]
        return "\n".join(
            [
                self.statement("insert", "a new row", *self._insert(), write=True),
                self.statement(
                    "update", "a guard: a row changes as it was read", *self._update(), write=True
                ),
                self.statement("delete", "a guard: a row goes as it was read", *self._delete(), write=True),
                self.statement(
                    "get", "one row", {self.key: TEXT}, f"{self._select}{self._where('= :{key}')}"
                ),
                self.statement("all", "all rows, for the book in memory", {}, self._every()),
                self.statement("page", "a page", *self._page(())),
                *(owned if self.owner else ()),
                *([self._by_name()] if self.named else ()),
                *self._resealing(),
            ]
        )

    def statement(
        self, name: str, about: str, params: Mapping[str, str], sql: str, *, write: bool = False
    ) -> str:
        """Return one statement with its header."""
        told = f"-- tells: {self._tells}\n" if write and self._tells else ""
        listed = ", ".join(f"{name} {kind}" for name, kind in params.items())
        return f"-- name: {self.statements}_{name}\n-- about: {about}\n{told}-- params: {listed}\n{sql}\n"

    def _naming(self) -> tuple[str, ...]:
        """Return the fields of the unique index that `named` stands in."""
        fields = {column.name: column.field for column in self._columns}
        for unique in self._unique:
            *owner, last = (fields.get(column, "") for column in unique.columns)
            if last == self.named and set(owner) <= set(self.owner):
                return (*owner, last)
        raise TypeError(f"{self.named!r} names no one row of the table {self.name}")

    def _by_name(self) -> str:
        columns = [self._by_field[field] for field in self._named_by]
        where = " AND ".join(f"{column.name} = :{column.field}" for column in columns)
        params = {column.field: column.kind for column in columns}
        return self.statement("named", "one row, by its name", params, f"{self._select} WHERE {where}")

    def _resealing(self) -> list[str]:
        """Return the statements that find values not sealed as wanted, and replace one that is as it was read."""
        if not self.sealed:
            return []
        key, columns = self._key_column, [self._by_field[field].name for field in self.sealed]
        other = " OR ".join(f"({column} <> '' AND {column} NOT LIKE :pattern)" for column in columns)
        found = (
            f"SELECT {', '.join((key, *columns))} FROM {self.name}\n"
            f"WHERE {key} > :after AND ({other}) ORDER BY {key} LIMIT :most"
        )
        params = {"after": TEXT, "pattern": TEXT, "most": WHOLE}
        count = f"SELECT COUNT(*) FROM {self.name} WHERE {other}"
        return [
            self.statement("unsealed", "rows with a value that is not like a pattern", params, found),
            self.statement("unsealed_count", "how many rows these are", {"pattern": TEXT}, count),
            *(
                self.statement(
                    f"reseal_{field}",
                    "a guard: a sealed value is replaced as it was read",
                    {"key": TEXT, "before": TEXT, "after": TEXT},
                    f"UPDATE {self.name} SET {column} = :after WHERE {key} = :key AND {column} = :before",
                )
                for field, column in zip(self.sealed, columns, strict=True)
            ),
        ]

    @property
    def _select(self) -> str:
        return f"SELECT {', '.join(column.name for column in self._columns)} FROM {self.name}"

    @property
    def _key_column(self) -> str:
        return self._by_field[self.key].name

    def _where(self, key: str) -> str:
        only = f" AND {self._only}" if self._only else ""
        return f" WHERE {self._key_column} {key.format(key=self.key)}{only}"

    def _every(self) -> str:
        only = f" WHERE {self._only}" if self._only else ""
        return f"{self._select}{only} ORDER BY {self._key_column}"

    def _insert(self) -> tuple[dict[str, str], str]:
        params = {column.field: column.kind for column in self._columns}
        names = ", ".join(column.name for column in self._columns)
        values = ", ".join(f":{column.field}" for column in self._columns)
        return params, f"INSERT INTO {self.name} ({names})\nVALUES ({values})"

    def _update(self) -> tuple[dict[str, str], str]:
        params = self._guarded() | {column.field: column.kind for column in self._changing}
        sets = [f"{column.name} = :{column.field}" for column in self._changing]
        sets += ["version = version + 1"] if self.versioned else []
        return params, f"UPDATE {self.name} SET {', '.join(sets)}\n{self._as_read()}"

    def _delete(self) -> tuple[dict[str, str], str]:
        return self._guarded(), f"DELETE FROM {self.name} {self._as_read()}"

    def _guarded(self) -> dict[str, str]:
        return {self.key: TEXT, "version": WHOLE} if self.versioned else {self.key: TEXT}

    def _as_read(self) -> str:
        as_read = " AND version = :version" if self.versioned else ""
        return f"WHERE {self._key_column} = :{self.key}{as_read}"

    def _page(self, owner: tuple[str, ...]) -> tuple[dict[str, str], str]:
        """Return the page of all rows, or of the rows of one owner. The index leads with the first owner column."""
        fields = [*owner, *(field for field in (*self.owner[1:], *self.filters) if field not in owner)]
        params = {field: self._by_field[field].kind for field in fields}
        for name, condition in self.conditions.items():
            params |= {name: condition.kind, **condition.also}
        conditions = [f"{self._by_field[field].name} = :{field}" for field in owner]
        conditions.append(f"{self._key_column} {'>' if self._oldest_first else '<'} :after")
        conditions += [self._only] if self._only else []
        for field in fields[len(owner) :]:
            column = self._by_field[field]
            has = (
                f"JSON_HAS({column.name}, :{field})" if column.put is in_json else f"{column.name} = :{field}"
            )
            conditions.append(f"(:{field} IS NULL OR {has})")
        conditions += [f"(:{name} IS NULL OR {condition.sql})" for name, condition in self.conditions.items()]
        order = "" if self._oldest_first else " DESC"
        sql = f"{self._select}\nWHERE {' AND '.join(conditions)}\nORDER BY {self._key_column}{order} LIMIT :most"
        return {**params, "after": TEXT, "most": WHOLE}, sql
