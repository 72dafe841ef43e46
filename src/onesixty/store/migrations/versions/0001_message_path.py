"""The message path: accounts, messages, attempts, receipts, outbox, money, carriers, leases.

TEXT and BIGINT only: times are epoch milliseconds, booleans 0 and 1, JSON is text. Text sorts by bytes on
both engines (COLLATE "C" on PostgreSQL). Message tables keep the id first in every unique key, so that they can
be partitioned by ranges of it. On SQLite, tables whose key is text have no rowid.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from onesixty.store.migrations.columns import big, index, table, text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    table("meta", text("key", key=True), text("value"))
    table(
        "leases",
        big("id", key=True),
        text("node"),
        big("started_at"),
        big("expires_at"),
        big("ended_at", null=True),
    )
    _accounts()
    _messages()
    _attempts_and_flights()
    _receipts()
    _outbox()
    _money()
    _configuration()


def _accounts() -> None:
    table(
        "accounts",
        text("id", key=True),
        text("name"),
        text("currency"),
        big("price_per_segment"),
        text("settings"),
        big("created_at"),
    )
    table(
        "keys",
        text("id", key=True),
        text("account_id"),
        text("name"),
        text("hash"),
        text("hint"),
        big("test"),
        text("scopes"),
        big("requests_per_second", null=True),
        big("created_at"),
        big("revoked_at", null=True),
        big("last_used_at", null=True),
    )
    op.create_index("keys_hash", "keys", ["hash"], unique=True)
    index("keys_account", "keys", ["account_id", "id"])


def _messages() -> None:
    table(
        "messages",
        text("id", key=True),
        text("account_id"),
        big("test"),
        text("direction"),
        text("channel"),
        text("sender"),
        text("recipient"),
        text("text"),
        text("encoding"),
        big("segments"),
        text("class_"),
        big("priority"),
        text("country", null=True),
        text("network", null=True),
        text("reference", null=True),
        text("tags", null=True),
        text("batch_id", null=True),
        text("campaign_id", null=True),
        text("chain_id", null=True),
        text("status_callback", null=True),
        text("on_unknown"),
        text("pinned_route", null=True),
        text("content", null=True),
        text("origin", null=True),
        big("price"),
        text("currency"),
        big("created_at"),
        big("scheduled_at", null=True),
        big("expires_at"),
        text("status"),
        big("version"),
        big("sequence"),
        big("claim"),
        big("due_at", null=True),
        text("route_id", null=True),
        text("carrier_id", null=True),
        text("carriers_tried", null=True),
        text("sender_used", null=True),
        big("attempts"),
        big("duplicates"),
        text("error_code", null=True),
        text("carrier_code", null=True),
        big("queued_at", null=True),
        big("sent_at", null=True),
        big("done_at", null=True),
        big("redacted_at", null=True),
    )
    # what a lane is filled from; a query uses it only if it says `status = 'queued' AND claim = 0` in its text
    index(
        "messages_waiting",
        "messages",
        ["carrier_id", "class_", "account_id", sa.text("priority DESC"), "id"],
        "status = 'queued' AND claim = 0",
    )
    index("messages_due", "messages", ["due_at"], "due_at IS NOT NULL")
    index("messages_held", "messages", ["carrier_id", "recipient"], "status = 'held'")
    index("messages_account", "messages", ["account_id", "id"])
    index("messages_batch", "messages", ["batch_id", "id"], "batch_id IS NOT NULL")


def _attempts_and_flights() -> None:
    table(
        "attempts",
        text("message_id", key=True),
        big("attempt", key=True),
        big("segment", key=True),
        big("segments"),
        text("account_id"),
        text("carrier_id"),
        text("bind", null=True),
        big("concat_reference", null=True),
        text("outcome"),
        text("carrier_message_id", null=True),
        text("match_id", null=True),
        text("carrier_code", null=True),
        text("error_code", null=True),
        big("submitted_at"),
        big("answered_at"),
        text("state", null=True),
        text("state_code", null=True),
        big("state_at", null=True),
    )
    index("attempts_match", "attempts", ["carrier_id", "match_id"], "match_id IS NOT NULL")
    table(
        "flights",
        text("id", key=True),
        big("lease"),
        text("carrier_id"),
        text("message_ids"),
        big("created_at"),
    )


def _receipts() -> None:
    table(
        "receipts",
        text("id", key=True),
        text("carrier_id"),
        text("carrier_message_id"),
        text("match_id"),
        big("state"),
        text("code", null=True),
        text("sender", null=True),
        text("recipient", null=True),
        text("raw"),
        big("received_at"),
        big("done_at", null=True),
        text("message_id", null=True),
        big("attempt", null=True),
        big("segment", null=True),
        text("account_id", null=True),
        big("tries"),
        big("due_at", null=True),
        big("expires_at"),
    )
    index("receipts_unmatched", "receipts", ["carrier_id", "match_id"], "message_id IS NULL")
    index("receipts_due", "receipts", ["due_at"], "due_at IS NOT NULL")
    index("receipts_message", "receipts", ["message_id"], "message_id IS NOT NULL")


def _outbox() -> None:
    table(
        "events",
        text("id", key=True),
        text("account_id"),
        text("message_id", null=True),
        text("type"),
        big("sequence"),
        big("test"),
        text("data"),
        big("created_at"),
    )
    index("events_message", "events", ["message_id"])
    table(
        "deliveries",
        text("id", key=True),
        text("event_id"),
        text("account_id"),
        text("lane"),
        text("endpoint_id", null=True),
        text("url", null=True),
        text("status"),
        big("tries"),
        big("claim"),
        big("due_at", null=True),
        big("created_at"),
        big("expires_at"),
        big("done_at", null=True),
        big("response_status", null=True),
        text("error", null=True),
    )
    index("deliveries_waiting", "deliveries", ["lane", "due_at"], "due_at IS NOT NULL AND claim <= 0")
    index("deliveries_claimed", "deliveries", ["claim"], "claim > 0")
    index("deliveries_endpoint", "deliveries", ["endpoint_id", "id"], "endpoint_id IS NOT NULL")
    table(
        "webhooks",
        text("id", key=True),
        text("account_id"),
        text("url"),
        text("events"),
        text("secret"),
        big("enabled"),
        text("description", null=True),
        big("test"),
        big("created_at"),
        big("paused_at", null=True),
        text("paused_reason", null=True),
        big("failing_since", null=True),
    )
    index("webhooks_account", "webhooks", ["account_id", "id"])


def _money() -> None:
    table(
        "ledger",
        text("message_id", key=True),
        text("kind", key=True),
        text("account_id"),
        big("held"),
        big("charged"),
        text("currency"),
        big("created_at"),
    )
    table(
        "idempotency",
        text("account_id", key=True),
        big("test", key=True),
        text("endpoint", key=True),
        text("key", key=True),
        text("body_hash"),
        big("status"),
        text("response"),
        text("message_id", null=True),
        big("created_at"),
        big("expires_at"),
    )
    index("idempotency_expires", "idempotency", ["expires_at"])
    index("idempotency_message", "idempotency", ["message_id"], "message_id IS NOT NULL")


def _configuration() -> None:
    for name, special in (("carriers", (text("type"), text("settings"))), ("routes", (text("carriers"),))):
        table(
            name,
            text("id", key=True),
            text("name", unique=True),
            *special,
            big("enabled"),
            big("version"),
            big("created_at"),
        )


def downgrade() -> None:
    raise RuntimeError("there is nothing before the first revision")
