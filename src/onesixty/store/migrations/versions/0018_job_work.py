"""Bulk jobs are done by work like any other: each that runs gets a row in `work`."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

#: Far beyond any time in epoch milliseconds: a job has no end of its own.
_NEVER = 1 << 60


def upgrade() -> None:
    op.execute(
        "INSERT INTO work (id, sink, subject, account_id, lane, status, tries, claim, due_at, created_at, "
        "expires_at) "
        "SELECT 'dlv' || substr(id, 4), 'job', id, '', id, 'pending', 0, 0, created_at, created_at, "
        f"created_at + {_NEVER} FROM jobs WHERE status = 'running'"
    )


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
