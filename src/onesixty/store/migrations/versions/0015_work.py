"""One table for work that is claimed, sent and retried: deliveries to webhooks are the first that it holds.

`sink` says what kind of work a row is, `subject` what it is about, `target` where it goes if the lane does not say.
The lane of an endpoint's deliveries is its id, so `endpoint_id` said it twice.
"""

from __future__ import annotations

from alembic import op

from onesixty.store.migrations.columns import index, text

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_WAITING = "due_at IS NOT NULL AND claim <= 0"


def upgrade() -> None:
    for name in ("deliveries_waiting", "deliveries_claimed", "deliveries_endpoint"):
        op.drop_index(name, "deliveries")
    op.rename_table("deliveries", "work")
    op.execute("ALTER TABLE work RENAME COLUMN event_id TO subject")
    op.execute("ALTER TABLE work RENAME COLUMN url TO target")
    op.execute("ALTER TABLE work RENAME COLUMN response_status TO code")
    op.execute("ALTER TABLE work DROP COLUMN endpoint_id")
    op.add_column("work", text("sink", default="webhook"))
    for name in ("kind", "body", "addresses"):
        op.add_column("work", text(name, null=True))
    index("work_waiting", "work", ["sink", "lane", "due_at"], _WAITING)
    index("work_expiring", "work", ["sink", "expires_at"], _WAITING)
    index("work_claimed", "work", ["claim"], "claim > 0")
    index("work_endpoint", "work", ["lane", "id"], "sink = 'webhook' AND target IS NULL")
    index("work_message", "work", ["subject"], "sink = 'bind'")
    index("work_ended", "work", ["done_at"], "due_at IS NULL AND sink <> 'webhook'")


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
