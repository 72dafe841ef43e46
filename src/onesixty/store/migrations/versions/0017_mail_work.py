"""Mails about alerts become work like any other: the rows of `alert_mails` move to `work`."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Move the rows. `alert_mails` had no column for the alert of a mail; only the mail's text names it."""
    on_sqlite = op.get_context().dialect.name == "sqlite"
    body = "json_array(subject, body)" if on_sqlite else "CAST(json_build_array(subject, body) AS text)"
    op.execute(
        "INSERT INTO work (id, sink, subject, account_id, lane, target, body, status, tries, claim, due_at, "
        "created_at, expires_at, done_at, error) "
        f"SELECT 'dlv' || substr(id, 5), 'mail', '', '', 'mails', recipient, {body}, "
        "CASE WHEN due_at IS NOT NULL THEN 'pending' WHEN error IS NULL THEN 'delivered' ELSE 'failed' END, "
        "tries, 0, due_at, created_at, expires_at, CASE WHEN due_at IS NULL THEN created_at END, error "
        "FROM alert_mails"
    )
    op.drop_table("alert_mails")
