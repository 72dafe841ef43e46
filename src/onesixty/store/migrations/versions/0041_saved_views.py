"""Saved views of lists."""

from onesixty.store.migrations.sql import run

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    run(__file__)
