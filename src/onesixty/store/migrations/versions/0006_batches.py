"""Batches, and messages by the reference of their sender."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from onesixty.store.migrations.columns import big, text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """`batches`: a row for each call that sent many messages; `messages_reference` costs only messages with one."""
    op.create_table(
        "batches",
        text("id", key=True),
        text("account_id"),
        big("test"),
        big("size"),
        big("accepted"),
        big("refused"),
        big("created_at"),
        big("done_at", null=True),
        big("canceled_at", null=True),
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
