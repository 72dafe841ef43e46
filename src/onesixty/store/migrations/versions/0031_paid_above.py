"""A message says what the accounts above its own pay for it. Messages of before have none: there was no tree."""

from onesixty.store.migrations.sql import run

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    run(__file__)
