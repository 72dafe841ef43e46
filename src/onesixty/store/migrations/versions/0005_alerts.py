"""Alerts that were raised, and the rules that an operator changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from onesixty.store.migrations.columns import big, text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """`open_key` names rule and subject while an alert is open, so that one is raised once over all nodes."""
    op.create_table(
        "alerts",
        text("id", key=True),
        text("rule"),
        text("subject"),
        text("open_key", null=True),
        text("severity"),
        text("summary"),
        text("value"),
        big("started_at"),
        big("resolved_at", null=True),
        big("acknowledged_at", null=True),
        text("acknowledged_by", null=True),
        sqlite_with_rowid=False,
    )
    op.create_index("alerts_open", "alerts", ["open_key"], unique=True)
    op.create_table(
        "alert_rules",
        text("name", key=True),
        big("enabled"),
        big("threshold_micros", null=True),
        big("for_seconds", null=True),
        big("muted_until", null=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "alert_mails",
        text("id", key=True),
        text("recipient"),
        text("subject"),
        text("body"),
        big("tries"),
        big("due_at", null=True),
        big("created_at"),
        big("expires_at"),
        text("error", null=True),
        sqlite_with_rowid=False,
    )
    due = sa.text("due_at IS NOT NULL")
    op.create_index("alert_mails_due", "alert_mails", ["due_at"], sqlite_where=due, postgresql_where=due)


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
