"""Batches, and messages by the reference of their sender."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _text(name: str, *, key: bool = False) -> sa.Column[Any]:
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=False, primary_key=key)


def _big(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def upgrade() -> None:
    """`batches`: a row for each call that sent many messages; `messages_reference` costs only messages with one."""
    op.create_table(
        "batches",
        _text("id", key=True),
        _text("account_id"),
        _big("test"),
        _big("size"),
        _big("accepted"),
        _big("refused"),
        _big("created_at"),
        _big("done_at", null=True),
        _big("canceled_at", null=True),
        sqlite_with_rowid=False,
    )
    op.create_index("batches_account", "batches", ["account_id", "id"])
    condition = sa.text("reference IS NOT NULL")
    op.create_index(
        "messages_reference",
        "messages",
        ["account_id", "reference", "id"],
        sqlite_where=condition,
        postgresql_where=condition,
    )


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
