"""Indexes of the messages that may have been sent more than once: of an account, and of all accounts."""

from onesixty.store.migrations.sql import run

revision = "0059"
down_revision = "0058"


def upgrade() -> None:
    run(__file__)
