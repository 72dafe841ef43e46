"""What SMPP customers bind with.

A system_id is unique among the credentials that were not revoked, so that it can be given again.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _text(name: str, *, key: bool = False) -> sa.Column[Any]:
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=False, primary_key=key)


def _big(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def upgrade() -> None:
    op.create_table(
        "smpp_credentials",
        _text("id", key=True),
        _text("account_id"),
        _text("system_id"),
        _big("test"),
        _text("password_hash"),
        _text("profile"),
        _big("version"),
        _big("created_at"),
        _big("changed_at"),
        _big("revoked_at", null=True),
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
