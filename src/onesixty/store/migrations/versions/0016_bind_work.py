"""What waits for customers' binds is work like any other: the rows of `bind_deliveries` move to `work`."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Ids keep their time and get the prefix of all work; the 72 hours that rows are kept stand in each row."""
    op.execute(
        "INSERT INTO work (id, sink, subject, account_id, lane, kind, body, addresses, status, tries, claim, due_at, "
        "created_at, expires_at, done_at, error) "
        "SELECT 'dlv' || substr(id, 4), 'bind', message_id, account_id, lane, kind, body, addresses, "
        "CASE WHEN due_at IS NULL THEN 'failed' ELSE 'pending' END, tries, claim, due_at, created_at, "
        "created_at + 259200000, done_at, error FROM bind_deliveries"
    )
    op.drop_table("bind_deliveries")


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
