"""Whose sessions a lease's are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """`sessions`: the node's writing sessions on PostgreSQL (JSON: [[pid, start in microseconds], ...]), which end
    with its lease. On SQLite one process owns the file, and the list stays empty."""
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.add_column("leases", sa.Column("sessions", kind, nullable=False, server_default="[]"))


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
