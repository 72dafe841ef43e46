"""Ranges of numbers and the networks that they belong to."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _text(name: str, *, key: bool = False) -> sa.Column[Any]:
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=False, primary_key=key)


def upgrade() -> None:
    """An operator's own table: nobody publishes one that is fresh and free."""
    op.create_table("number_ranges", _text("prefix", key=True), _text("network"), sqlite_with_rowid=False)


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
