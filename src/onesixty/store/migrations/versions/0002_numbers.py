"""Numbers and their keywords, the parts of long messages, and what waits for customers' binds."""

from __future__ import annotations

from onesixty.store.migrations.columns import big, index, table, text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _numbers()
    _inbound()
    _smpp_parts()
    _bind_deliveries()


def _numbers() -> None:
    table(
        "numbers",
        text("id", key=True),
        text("number"),
        text("account_id"),
        text("carrier_id", null=True),
        big("test"),
        text("settings"),
        big("version"),
        big("created_at"),
    )
    index("numbers_account", "numbers", ["account_id", "id"])
    # '' as the keyword takes what no other one does; '' as the carrier is any
    table(
        "number_keywords",
        text("number", key=True),
        text("carrier_id", key=True),
        text("keyword", key=True),
        text("number_id"),
    )
    index("number_keywords_number", "number_keywords", ["number_id"])


def _inbound() -> None:
    table(
        "inbound_parts",
        text("id", key=True),
        text("place"),
        big("total"),
        big("number"),
        text("digest"),
        text("part"),
        big("received_at"),
        big("due_at"),
    )
    index("inbound_parts_place", "inbound_parts", ["place"])
    index("inbound_parts_due", "inbound_parts", ["due_at"])
    table("inbound_seen", text("digest", key=True), text("session"), big("seen_at"), big("expires_at"))
    index("inbound_seen_expires", "inbound_seen", ["expires_at"])


def _smpp_parts() -> None:
    table(
        "smpp_parts",
        text("id", key=True),
        text("account_id"),
        text("credential_id"),
        text("place"),
        big("total"),
        big("number"),
        text("digest"),
        text("part"),
        big("created_at"),
        big("due_at", null=True),
        text("message_id", null=True),
        big("expires_at"),
    )
    index("smpp_parts_place", "smpp_parts", ["place"], "message_id IS NULL")
    index("smpp_parts_due", "smpp_parts", ["due_at"], "due_at IS NOT NULL")
    index("smpp_parts_joined", "smpp_parts", ["place", "created_at"], "message_id IS NOT NULL")
    index("smpp_parts_expires", "smpp_parts", ["expires_at"])


def _bind_deliveries() -> None:
    table(
        "bind_deliveries",
        text("id", key=True),
        text("lane"),
        text("account_id"),
        text("message_id"),
        text("kind"),
        text("body"),
        text("addresses", null=True),
        big("tries"),
        big("claim"),
        big("due_at", null=True),
        big("created_at"),
        big("done_at", null=True),
        text("error", null=True),
    )
    index(
        "bind_deliveries_waiting", "bind_deliveries", ["lane", "due_at"], "due_at IS NOT NULL AND claim <= 0"
    )
    index("bind_deliveries_claimed", "bind_deliveries", ["claim"], "claim > 0")
    index("bind_deliveries_message", "bind_deliveries", ["message_id"])


def downgrade() -> None:
    raise RuntimeError("migrations go forward")
