"""Claims are found by an index, and an attempt says when its outcome came to light."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The index holds only what is in the memory of a node: recovery looks for claims of dead leases at every
    renewal, and must not read all that is under way for it."""
    condition = sa.text("claim > 0")
    op.create_index(
        "messages_claimed", "messages", ["claim", "id"], sqlite_where=condition, postgresql_where=condition
    )
    op.add_column("attempts", sa.Column("found_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
