"""What users chose for the console."""

from onesixty.store.migrations.sql import run

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    run(__file__)
