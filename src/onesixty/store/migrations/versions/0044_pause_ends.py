"""Pauses may have an end."""

from onesixty.store.migrations.sql import run

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    run(__file__)
