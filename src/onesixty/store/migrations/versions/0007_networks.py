"""Ranges of numbers and the networks that they belong to."""

from __future__ import annotations

from alembic import op

from onesixty.store.migrations.columns import text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An operator's own table: nobody publishes one that is fresh and free."""
    op.create_table("number_ranges", text("prefix", key=True), text("network"), sqlite_with_rowid=False)


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
