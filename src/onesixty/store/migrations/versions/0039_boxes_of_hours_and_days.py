"""Boxes of hours are made of quarters, and boxes of days of hours. The counting makes them, from the first one on."""

from onesixty.store.migrations.sql import run

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    run(__file__)
