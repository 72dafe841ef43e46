"""Bulk jobs become work like any other: each running job gets a row in `work`."""

from onesixty.store.migrations.sql import run

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    run(__file__)
