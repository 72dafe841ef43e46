"""What each writing connection of PostgreSQL committed last."""

from __future__ import annotations

from alembic import op

from onesixty.store.migrations.columns import big, text

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A row for each connection that writes, changed in every transaction: proof of a COMMIT whose answer was
    lost. SQLite keeps none: its COMMIT answers in the same process."""
    op.create_table(
        "commit_marks",
        text("writer", key=True),
        big("mark"),
        big("noted_at"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
