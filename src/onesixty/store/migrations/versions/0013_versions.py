"""A version for every row that the API changes: accounts, keys, webhooks and the rules of alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("accounts", "keys", "webhooks", "alert_rules"):
        op.add_column(table, sa.Column("version", sa.BigInteger(), nullable=False, server_default="1"))


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
