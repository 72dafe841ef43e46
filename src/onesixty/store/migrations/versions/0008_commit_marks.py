"""What each writing connection of PostgreSQL committed last."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _text(name: str, *, key: bool = False) -> sa.Column[Any]:
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=False, primary_key=key)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def upgrade() -> None:
    """A row for each connection that writes, changed in every transaction: proof of a COMMIT whose answer was
    lost. SQLite keeps none: its COMMIT answers in the same process."""
    op.create_table(
        "commit_marks",
        _text("writer", key=True),
        _number("mark"),
        _number("noted_at"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
