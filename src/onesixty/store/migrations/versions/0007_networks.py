"""Ranges of numbers and the networks that they belong to.

An operator fills this table, because no up-to-date and free one is published.
"""

from onesixty.store.migrations.sql import run

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run(__file__)
