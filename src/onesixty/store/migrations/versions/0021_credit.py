"""Credit: its running rows, the slices that nodes hold, booked adjustments, and the slice of each ledger row."""

from onesixty.store.migrations.sql import run

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    run(__file__)
