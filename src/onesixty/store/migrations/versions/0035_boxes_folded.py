"""Boxes of a minute are added to those of a quarter once they are over. Until now both were written at once."""

from onesixty.store.migrations.sql import run

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    run(__file__)
