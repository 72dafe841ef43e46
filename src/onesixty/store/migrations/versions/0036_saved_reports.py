"""Saved reports, when they are due, and their runs."""

from onesixty.store.migrations.sql import run

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    run(__file__)
