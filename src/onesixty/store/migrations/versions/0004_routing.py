"""Filters and weights of routes, what is paused, and bulk jobs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _text(name: str, *, null: bool = False, key: bool = False, default: str | None = None) -> sa.Column[Any]:
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=null, primary_key=key, server_default=default)


def _big(name: str, *, null: bool = False, default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=null, server_default=default)


def upgrade() -> None:
    """Routes get filters and a priority; pauses and jobs are new; messages that a pause keeps out of the lanes are
    found by an index of their own, which plain ones are not in."""
    op.add_column("routes", _text("filters", default="{}"))
    op.add_column("routes", _big("priority", default="100"))
    op.create_table(
        "pauses",
        _text("id", key=True),
        _text("kind"),
        _text("value"),
        _text("mode"),
        _text("reason", null=True),
        _text("made_by"),
        _big("created_at"),
        sqlite_with_rowid=False,
    )
    op.create_index("pauses_subject", "pauses", ["kind", "value"], unique=True)
    op.create_table(
        "jobs",
        _text("id", key=True),
        _text("kind"),
        _text("status"),
        _text("filter"),
        _text("target", null=True),
        _text("progress"),
        _text("made_by"),
        _big("version"),
        _big("created_at"),
        _big("done_at", null=True),
        sqlite_with_rowid=False,
    )
    condition = sa.text("status = 'queued' AND claim < 0")
    op.create_index(
        "messages_aside", "messages", ["claim", "id"], sqlite_where=condition, postgresql_where=condition
    )


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
