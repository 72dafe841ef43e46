"""Message ids of eight characters for customers of SMPP 3.3."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """`smpp_short_ids`: what a credential's short id stands for: a message, a part or a batch."""
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "smpp_short_ids",
        sa.Column("credential_id", kind, primary_key=True, nullable=False),
        sa.Column("short_id", kind, primary_key=True, nullable=False),
        sa.Column("id", kind, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("smpp_short_ids_expires", "smpp_short_ids", ["expires_at"])


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
