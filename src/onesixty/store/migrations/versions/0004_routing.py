"""Filters and weights of routes, what is paused, and bulk jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from onesixty.store.migrations.columns import big, text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Routes get filters and a priority; pauses and jobs are new; messages that a pause keeps out of the lanes are
    found by an index of their own, which plain ones are not in."""
    op.add_column("routes", text("filters", default="{}"))
    op.add_column("routes", big("priority", default="100"))
    op.create_table(
        "pauses",
        text("id", key=True),
        text("kind"),
        text("value"),
        text("mode"),
        text("reason", null=True),
        text("made_by"),
        big("created_at"),
        sqlite_with_rowid=False,
    )
    op.create_index("pauses_subject", "pauses", ["kind", "value"], unique=True)
    op.create_table(
        "jobs",
        text("id", key=True),
        text("kind"),
        text("status"),
        text("filter"),
        text("target", null=True),
        text("progress"),
        text("made_by"),
        big("version"),
        big("created_at"),
        big("done_at", null=True),
        sqlite_with_rowid=False,
    )
    condition = sa.text("status = 'queued' AND claim < 0")
    op.create_index(
        "messages_aside", "messages", ["claim", "id"], sqlite_where=condition, postgresql_where=condition
    )


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
