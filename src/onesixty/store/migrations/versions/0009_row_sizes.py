"""Smaller rows: events no longer repeat data of other tables, and tables with long rows have a rowid on SQLite.

A table WITHOUT ROWID keeps at most a quarter of a page (1,002 octets) of a row in the tree, and the rest in a
page of its own: an event of 1,100 octets took 4.7 KB. A table with a rowid keeps nearly a page.
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"

#: The tables whose rows may be longer than a quarter of a page, with the order in which they are copied.
_LONG = {
    "events": "id",
    "messages": "id",
    "receipts": "id",
    "idempotency": "account_id, test, endpoint, key",
}


def upgrade() -> None:
    on_sqlite = op.get_context().dialect.name == "sqlite"
    if on_sqlite:
        op.execute("UPDATE events SET data = json_extract(data, '$.data')")
        for name, order in _LONG.items():
            _with_rowid(name, order)
        # Text that was redacted before may remain in pages that were split: see store/wiping.py.
        op.execute(
            "INSERT INTO meta (key, value) SELECT 'redactions', '1' "
            "WHERE EXISTS (SELECT 1 FROM messages WHERE redacted_at IS NOT NULL) ON CONFLICT (key) DO NOTHING"
        )
    else:
        op.execute("UPDATE events SET data = CAST(CAST(data AS json) -> 'data' AS text)")


def _with_rowid(name: str, order: str) -> None:
    """Copy a table into one that differs only in its rowid."""
    connection = op.get_bind()
    made = connection.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (name,)
    ).scalar_one()
    indexes = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
        (name,),
    ).fetchall()
    without = "WITHOUT ROWID"
    assert str(made).rstrip().endswith(without)
    op.execute(f"ALTER TABLE {name} RENAME TO {name}_before")
    for index, _ in indexes:
        op.execute(f"DROP INDEX {index}")
    connection.exec_driver_sql(str(made).rstrip().removesuffix(without))
    op.execute(f"INSERT INTO {name} SELECT * FROM {name}_before ORDER BY {order}")
    op.execute(f"DROP TABLE {name}_before")
    for _, sql in indexes:
        connection.exec_driver_sql(sql)
