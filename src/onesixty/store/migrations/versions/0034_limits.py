"""Counts of messages by day and month, shares of rates, and limits of keys."""

from onesixty.store.migrations.sql import run

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    run(__file__)
