"""One table for work that is claimed, sent and retried: deliveries to webhooks are the first that it holds.

`sink` says what kind of work a row is, `subject` what it is about, `target` where it goes if the lane does not say.
The lane of an endpoint's deliveries is its id, so `endpoint_id` said it twice.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_WAITING = "due_at IS NOT NULL AND claim <= 0"


def _text(name: str, *, default: str | None = None) -> sa.Column[Any]:
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=default is None, server_default=default)


def _index(name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, "work", columns, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    for name in ("deliveries_waiting", "deliveries_claimed", "deliveries_endpoint"):
        op.drop_index(name, "deliveries")
    op.rename_table("deliveries", "work")
    op.execute("ALTER TABLE work RENAME COLUMN event_id TO subject")
    op.execute("ALTER TABLE work RENAME COLUMN url TO target")
    op.execute("ALTER TABLE work RENAME COLUMN response_status TO code")
    op.execute("ALTER TABLE work DROP COLUMN endpoint_id")
    op.add_column("work", _text("sink", default="webhook"))
    op.add_column("work", _text("kind"))
    op.add_column("work", _text("body"))
    op.add_column("work", _text("addresses"))
    _index("work_waiting", ["sink", "lane", "due_at"], _WAITING)
    _index("work_expiring", ["sink", "expires_at"], _WAITING)
    _index("work_claimed", ["claim"], "claim > 0")
    _index("work_endpoint", ["lane", "id"], "sink = 'webhook' AND target IS NULL")
    _index("work_message", ["subject"], "sink = 'bind'")
    _index("work_ended", ["done_at"], "due_at IS NULL AND sink <> 'webhook'")


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
