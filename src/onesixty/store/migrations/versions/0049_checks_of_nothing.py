"""Checks of unknown verifications are counted in rows of `verifications`, not in a table of their own."""

from onesixty.store.migrations.sql import run

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    run(__file__)
