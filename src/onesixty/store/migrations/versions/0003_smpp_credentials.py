"""What SMPP customers bind with.

A system_id is unique among the credentials that were not revoked, so that it can be given again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from onesixty.store.migrations.columns import big, text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "smpp_credentials",
        text("id", key=True),
        text("account_id"),
        text("system_id"),
        big("test"),
        text("password_hash"),
        text("profile"),
        big("version"),
        big("created_at"),
        big("changed_at"),
        big("revoked_at", null=True),
        sqlite_with_rowid=False,
    )
    valid = sa.text("revoked_at IS NULL")
    op.create_index(
        "smpp_credentials_system_id",
        "smpp_credentials",
        ["system_id"],
        unique=True,
        sqlite_where=valid,
        postgresql_where=valid,
    )
    op.create_index("smpp_credentials_account", "smpp_credentials", ["account_id", "id"])


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
