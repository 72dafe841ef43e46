"""The message path: accounts, messages, attempts, receipts, outbox, money, carriers, leases.

TEXT and BIGINT only: times are epoch milliseconds, booleans 0 and 1, JSON is text. Text sorts by bytes on
both engines (COLLATE "C" on PostgreSQL). Message tables keep the id first in every unique key, so that they can
be partitioned by ranges of it. On SQLite, tables whose key is text have no rowid.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _text(name: str, *, null: bool = False, key: bool = False, unique: bool = False) -> sa.Column[Any]:
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=null, primary_key=key, unique=unique)


def _big(name: str, *, null: bool = False, key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=null, primary_key=key, autoincrement=False)


def _table(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(name, *columns, sqlite_with_rowid=False)


def _index(name: str, table: str, columns: list[Any], where: str | None = None) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    _table("meta", _text("key", key=True), _text("value"))
    _table(
        "leases",
        _big("id", key=True),
        _text("node"),
        _big("started_at"),
        _big("expires_at"),
        _big("ended_at", null=True),
    )
    _accounts()
    _messages()
    _attempts_and_flights()
    _receipts()
    _outbox()
    _money()
    _configuration()


def _accounts() -> None:
    _table(
        "accounts",
        _text("id", key=True),
        _text("name"),
        _text("currency"),
        _big("price_per_segment"),
        _text("settings"),
        _big("created_at"),
    )
    _table(
        "keys",
        _text("id", key=True),
        _text("account_id"),
        _text("name"),
        _text("hash"),
        _text("hint"),
        _big("test"),
        _text("scopes"),
        _big("requests_per_second", null=True),
        _big("created_at"),
        _big("revoked_at", null=True),
        _big("last_used_at", null=True),
    )
    op.create_index("keys_hash", "keys", ["hash"], unique=True)
    _index("keys_account", "keys", ["account_id", "id"])


def _messages() -> None:
    _table(
        "messages",
        _text("id", key=True),
        _text("account_id"),
        _big("test"),
        _text("direction"),
        _text("channel"),
        _text("sender"),
        _text("recipient"),
        _text("text"),
        _text("encoding"),
        _big("segments"),
        _text("class_"),
        _big("priority"),
        _text("country", null=True),
        _text("network", null=True),
        _text("reference", null=True),
        _text("tags", null=True),
        _text("batch_id", null=True),
        _text("campaign_id", null=True),
        _text("chain_id", null=True),
        _text("status_callback", null=True),
        _text("on_unknown"),
        _text("pinned_route", null=True),
        _text("content", null=True),
        _text("origin", null=True),
        _big("price"),
        _text("currency"),
        _big("created_at"),
        _big("scheduled_at", null=True),
        _big("expires_at"),
        _text("status"),
        _big("version"),
        _big("sequence"),
        _big("claim"),
        _big("due_at", null=True),
        _text("route_id", null=True),
        _text("carrier_id", null=True),
        _text("carriers_tried", null=True),
        _text("sender_used", null=True),
        _big("attempts"),
        _big("duplicates"),
        _text("error_code", null=True),
        _text("carrier_code", null=True),
        _big("queued_at", null=True),
        _big("sent_at", null=True),
        _big("done_at", null=True),
        _big("redacted_at", null=True),
    )
    # what a lane is filled from; a query uses it only if it says `status = 'queued' AND claim = 0` in its text
    _index(
        "messages_waiting",
        "messages",
        ["carrier_id", "class_", "account_id", sa.text("priority DESC"), "id"],
        "status = 'queued' AND claim = 0",
    )
    _index("messages_due", "messages", ["due_at"], "due_at IS NOT NULL")
    _index("messages_held", "messages", ["carrier_id", "recipient"], "status = 'held'")
    _index("messages_account", "messages", ["account_id", "id"])
    _index("messages_batch", "messages", ["batch_id", "id"], "batch_id IS NOT NULL")


def _attempts_and_flights() -> None:
    _table(
        "attempts",
        _text("message_id", key=True),
        _big("attempt", key=True),
        _big("segment", key=True),
        _big("segments"),
        _text("account_id"),
        _text("carrier_id"),
        _text("bind", null=True),
        _big("concat_reference", null=True),
        _text("outcome"),
        _text("carrier_message_id", null=True),
        _text("match_id", null=True),
        _text("carrier_code", null=True),
        _text("error_code", null=True),
        _big("submitted_at"),
        _big("answered_at"),
        _text("state", null=True),
        _text("state_code", null=True),
        _big("state_at", null=True),
    )
    _index("attempts_match", "attempts", ["carrier_id", "match_id"], "match_id IS NOT NULL")
    _table(
        "flights",
        _text("id", key=True),
        _big("lease"),
        _text("carrier_id"),
        _text("message_ids"),
        _big("created_at"),
    )


def _receipts() -> None:
    _table(
        "receipts",
        _text("id", key=True),
        _text("carrier_id"),
        _text("carrier_message_id"),
        _text("match_id"),
        _big("state"),
        _text("code", null=True),
        _text("sender", null=True),
        _text("recipient", null=True),
        _text("raw"),
        _big("received_at"),
        _big("done_at", null=True),
        _text("message_id", null=True),
        _big("attempt", null=True),
        _big("segment", null=True),
        _text("account_id", null=True),
        _big("tries"),
        _big("due_at", null=True),
        _big("expires_at"),
    )
    _index("receipts_unmatched", "receipts", ["carrier_id", "match_id"], "message_id IS NULL")
    _index("receipts_due", "receipts", ["due_at"], "due_at IS NOT NULL")
    _index("receipts_message", "receipts", ["message_id"], "message_id IS NOT NULL")


def _outbox() -> None:
    _table(
        "events",
        _text("id", key=True),
        _text("account_id"),
        _text("message_id", null=True),
        _text("type"),
        _big("sequence"),
        _big("test"),
        _text("data"),
        _big("created_at"),
    )
    _index("events_message", "events", ["message_id"])
    _table(
        "deliveries",
        _text("id", key=True),
        _text("event_id"),
        _text("account_id"),
        _text("lane"),
        _text("endpoint_id", null=True),
        _text("url", null=True),
        _text("status"),
        _big("tries"),
        _big("claim"),
        _big("due_at", null=True),
        _big("created_at"),
        _big("expires_at"),
        _big("done_at", null=True),
        _big("response_status", null=True),
        _text("error", null=True),
    )
    _index("deliveries_waiting", "deliveries", ["lane", "due_at"], "due_at IS NOT NULL AND claim <= 0")
    _index("deliveries_claimed", "deliveries", ["claim"], "claim > 0")
    _index("deliveries_endpoint", "deliveries", ["endpoint_id", "id"], "endpoint_id IS NOT NULL")
    _table(
        "webhooks",
        _text("id", key=True),
        _text("account_id"),
        _text("url"),
        _text("events"),
        _text("secret"),
        _big("enabled"),
        _text("description", null=True),
        _big("test"),
        _big("created_at"),
        _big("paused_at", null=True),
        _text("paused_reason", null=True),
        _big("failing_since", null=True),
    )
    _index("webhooks_account", "webhooks", ["account_id", "id"])


def _money() -> None:
    _table(
        "ledger",
        _text("message_id", key=True),
        _text("kind", key=True),
        _text("account_id"),
        _big("held"),
        _big("charged"),
        _text("currency"),
        _big("created_at"),
    )
    _table(
        "idempotency",
        _text("account_id", key=True),
        _big("test", key=True),
        _text("endpoint", key=True),
        _text("key", key=True),
        _text("body_hash"),
        _big("status"),
        _text("response"),
        _text("message_id", null=True),
        _big("created_at"),
        _big("expires_at"),
    )
    _index("idempotency_expires", "idempotency", ["expires_at"])
    _index("idempotency_message", "idempotency", ["message_id"], "message_id IS NOT NULL")


def _configuration() -> None:
    for name, special in (("carriers", (_text("type"), _text("settings"))), ("routes", (_text("carriers"),))):
        _table(
            name,
            _text("id", key=True),
            _text("name", unique=True),
            *special,
            _big("enabled"),
            _big("version"),
            _big("created_at"),
        )


def downgrade() -> None:
    raise RuntimeError("there is nothing before the first revision")
