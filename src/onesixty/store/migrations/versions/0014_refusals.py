"""Refusals: what was not accepted, so that somebody can find out why."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def _text(name: str, *, key: bool = False, null: bool = False) -> sa.Column[Any]:
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=null, primary_key=key)


def upgrade() -> None:
    """The first index is for the list and for the bound of each account, the second for redaction."""
    op.create_table(
        "refusals",
        _text("id", key=True),
        _text("account_id"),
        sa.Column("test", sa.BigInteger(), nullable=False),
        *(_text(name) for name in ("door", "operation", "request_id", "caller", "answer", "code")),
        _text("param", null=True),
        _text("rule"),
        *(_text(name, null=True) for name in ("detail", "sender", "recipient")),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("redacted_at", sa.BigInteger(), nullable=True),
    )
    op.create_index("refusals_account", "refusals", ["account_id", "test", "id"])
    op.create_index("refusals_recipient", "refusals", ["recipient"])


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
