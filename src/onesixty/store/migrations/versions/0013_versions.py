"""A version for every row that the API changes: accounts, keys, webhooks and the rules of alerts."""

from __future__ import annotations

from alembic import op

from onesixty.store.migrations.columns import big

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("accounts", "keys", "webhooks", "alert_rules"):
        op.add_column(table, big("version", default="1"))


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
