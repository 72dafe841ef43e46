"""Alerts that were raised, and the rules that an operator changed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _text(name: str, *, null: bool = False, key: bool = False) -> sa.Column[Any]:
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=null, primary_key=key)


def _big(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def upgrade() -> None:
    """`open_key` names rule and subject while an alert is open, so that one is raised once over all nodes."""
    op.create_table(
        "alerts",
        _text("id", key=True),
        _text("rule"),
        _text("subject"),
        _text("open_key", null=True),
        _text("severity"),
        _text("summary"),
        _text("value"),
        _big("started_at"),
        _big("resolved_at", null=True),
        _big("acknowledged_at", null=True),
        _text("acknowledged_by", null=True),
        sqlite_with_rowid=False,
    )
    op.create_index("alerts_open", "alerts", ["open_key"], unique=True)
    op.create_table(
        "alert_rules",
        _text("name", key=True),
        _big("enabled"),
        _big("threshold_micros", null=True),
        _big("for_seconds", null=True),
        _big("muted_until", null=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "alert_mails",
        _text("id", key=True),
        _text("recipient"),
        _text("subject"),
        _text("body"),
        _big("tries"),
        _big("due_at", null=True),
        _big("created_at"),
        _big("expires_at"),
        _text("error", null=True),
        sqlite_with_rowid=False,
    )
    due = sa.text("due_at IS NOT NULL")
    op.create_index("alert_mails_due", "alert_mails", ["due_at"], sqlite_where=due, postgresql_where=due)


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
