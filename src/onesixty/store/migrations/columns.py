"""What revisions are written with: columns as both engines have them, tables and indexes.

Rules kept here:
- text is compared by its octets on both engines, so that ids and names sort alike;
- a time, a count and a truth are whole numbers of 64 bits;
- tables have no rowid on SQLite: their key is where their rows are.

Revisions are history. What stands here may only grow: a change would make another database of an old revision.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op


def text(
    name: str, *, null: bool = False, key: bool = False, unique: bool = False, default: str | None = None
) -> sa.Column[Any]:
    """A column of text."""
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(
        name, kind, nullable=null, primary_key=key, unique=unique or None, server_default=default
    )


def big(name: str, *, null: bool = False, key: bool = False, default: str | None = None) -> sa.Column[Any]:
    """A column of whole numbers."""
    return sa.Column(
        name,
        sa.BigInteger(),
        nullable=null,
        primary_key=key,
        autoincrement=False,
        server_default=default,
    )


def table(name: str, *columns: sa.Column[Any]) -> None:
    """Make a table."""
    op.create_table(name, *columns, sqlite_with_rowid=False)


def index(
    name: str, table: str, columns: Sequence[Any], where: str | None = None, *, unique: bool = False
) -> None:
    """Make an index, of some rows where `where` says which."""
    condition = None if where is None else sa.text(where)
    op.create_index(
        name, table, list(columns), unique=unique, sqlite_where=condition, postgresql_where=condition
    )
