"""The audit log: entries and the personal values in them, what is to be chained, heads and checkpoints."""

from onesixty.store.migrations.sql import run

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    run(__file__)
