"""The columns of a table: how the field of a struct is stored, by its type. See `store.table`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import inspect

TEXT: Final = "text"
WHOLE: Final = "bigint"
NUMBER: Final = "double precision"


class Column(NamedTuple):
    """A column: its name, its type, and how a value of the struct is converted to and from it."""

    name: str
    field: str
    kind: str
    put: Callable[[Any], object]
    take: Callable[[Any], Any]


def column_of(field: msgspec.structs.FieldInfo, name: str) -> Column:
    """Choose how a field is stored, by its type."""
    kind = _bare(inspect.type_info(field.type))
    options = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    kinds = {_plain_kind(_bare(option)) for option in options if not isinstance(option, inspect.NoneType)}
    if kinds == {"bool"}:
        return Column(name, field.name, WHOLE, _flag, _truth)
    if len(kinds) == 1 and None not in kinds:
        return Column(name, field.name, str(kinds.pop()), same, same)
    decode = msgspec.json.Decoder(field.type).decode
    return Column(name, field.name, TEXT, in_json, lambda value: None if value is None else decode(value))


def _bare(kind: inspect.Type) -> inspect.Type:
    """Return a type without its annotations."""
    return kind.type if isinstance(kind, inspect.Metadata) else kind


def _plain_kind(kind: inspect.Type) -> str | None:
    """Return the column type of a plain value, or None if it is stored as JSON."""
    if isinstance(kind, inspect.BoolType):
        return "bool"
    if isinstance(kind, inspect.IntType):
        return WHOLE
    if isinstance(kind, inspect.FloatType):
        return NUMBER
    if isinstance(kind, inspect.StrType) or (
        isinstance(kind, inspect.LiteralType) and all(isinstance(value, str) for value in kind.values)
    ):
        return TEXT
    return None


def getter(columns: Sequence[Column]) -> Callable[[Any], Sequence[Any]]:
    """Return what reads the fields of these columns from a row."""
    fields = [column.field for column in columns]
    if len(fields) > 1:
        return attrgetter(*fields)
    return lambda row: [getattr(row, field) for field in fields]


def put_all(columns: Sequence[Column], values: Sequence[Any]) -> tuple[object, ...]:
    """Convert the values of these columns to params. Most columns hold what the struct holds."""
    return tuple(
        [
            value if column.put is same else column.put(value)
            for column, value in zip(columns, values, strict=True)
        ]
    )


def same(value: Any) -> Any:
    """The value as it is."""
    return value


def _flag(value: Any) -> object:
    return None if value is None else int(value)


def _truth(value: Any) -> Any:
    return None if value is None else bool(value)


def in_json(value: Any) -> object:
    """The value as JSON."""
    return None if value is None else msgspec.json.encode(value).decode()
