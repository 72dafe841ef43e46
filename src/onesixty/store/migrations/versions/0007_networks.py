"""Ranges of numbers and the networks that they belong to.

An operator's own table: nobody publishes one that is fresh and free.
"""

from onesixty.store.migrations.sql import run

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run(__file__)
