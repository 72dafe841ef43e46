"""Numbers and their keywords, the parts of long messages, and what waits for customers' binds."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _text(name: str, *, null: bool = False, key: bool = False) -> sa.Column[Any]:
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=null, primary_key=key)


def _big(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _table(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(name, *columns, sqlite_with_rowid=False)


def _index(name: str, table: str, columns: list[str], where: str | None = None) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    _numbers()
    _inbound()
    _smpp_parts()
    _bind_deliveries()


def _numbers() -> None:
    _table(
        "numbers",
        _text("id", key=True),
        _text("number"),
        _text("account_id"),
        _text("carrier_id", null=True),
        _big("test"),
        _text("settings"),
        _big("version"),
        _big("created_at"),
    )
    _index("numbers_account", "numbers", ["account_id", "id"])
    # '' as the keyword takes what no other one does; '' as the carrier is any
    _table(
        "number_keywords",
        _text("number", key=True),
        _text("carrier_id", key=True),
        _text("keyword", key=True),
        _text("number_id"),
    )
    _index("number_keywords_number", "number_keywords", ["number_id"])


def _inbound() -> None:
    _table(
        "inbound_parts",
        _text("id", key=True),
        _text("place"),
        _big("total"),
        _big("number"),
        _text("digest"),
        _text("part"),
        _big("received_at"),
        _big("due_at"),
    )
    _index("inbound_parts_place", "inbound_parts", ["place"])
    _index("inbound_parts_due", "inbound_parts", ["due_at"])
    _table("inbound_seen", _text("digest", key=True), _text("session"), _big("seen_at"), _big("expires_at"))
    _index("inbound_seen_expires", "inbound_seen", ["expires_at"])


def _smpp_parts() -> None:
    _table(
        "smpp_parts",
        _text("id", key=True),
        _text("account_id"),
        _text("credential_id"),
        _text("place"),
        _big("total"),
        _big("number"),
        _text("digest"),
        _text("part"),
        _big("created_at"),
        _big("due_at", null=True),
        _text("message_id", null=True),
        _big("expires_at"),
    )
    _index("smpp_parts_place", "smpp_parts", ["place"], "message_id IS NULL")
    _index("smpp_parts_due", "smpp_parts", ["due_at"], "due_at IS NOT NULL")
    _index("smpp_parts_joined", "smpp_parts", ["place", "created_at"], "message_id IS NOT NULL")
    _index("smpp_parts_expires", "smpp_parts", ["expires_at"])


def _bind_deliveries() -> None:
    _table(
        "bind_deliveries",
        _text("id", key=True),
        _text("lane"),
        _text("account_id"),
        _text("message_id"),
        _text("kind"),
        _text("body"),
        _text("addresses", null=True),
        _big("tries"),
        _big("claim"),
        _big("due_at", null=True),
        _big("created_at"),
        _big("done_at", null=True),
        _text("error", null=True),
    )
    _index(
        "bind_deliveries_waiting", "bind_deliveries", ["lane", "due_at"], "due_at IS NOT NULL AND claim <= 0"
    )
    _index("bind_deliveries_claimed", "bind_deliveries", ["claim"], "claim > 0")
    _index("bind_deliveries_message", "bind_deliveries", ["message_id"])


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
