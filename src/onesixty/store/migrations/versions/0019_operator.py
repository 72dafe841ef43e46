"""Which account is the operator's is a role of its own, and not that of the oldest row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

#: The account that the first start made; where nothing says which, the oldest (an id begins with its time).
_OPERATOR = """
UPDATE accounts SET operator = 1 WHERE id = COALESCE(
  (SELECT a.id FROM accounts a JOIN meta m ON m.value = a.id WHERE m.key = 'first_account'),
  (SELECT MIN(id) FROM accounts)
)
"""


def upgrade() -> None:
    """`accounts.operator`: 1 for one account. The index lets no second one be, whatever starts at once."""
    op.add_column("accounts", sa.Column("operator", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(_OPERATOR)
    condition = sa.text("operator = 1")
    op.create_index(
        "accounts_operator", "accounts", ["operator"], unique=True, sqlite_where=condition,
        postgresql_where=condition,
    )  # fmt: skip
    op.execute("DELETE FROM meta WHERE key = 'first_account'")


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
