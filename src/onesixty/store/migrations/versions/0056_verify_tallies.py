"""Hours of verifications come from their figures, which now tell what was never sent; tallies are minutes alone."""

from onesixty.store.migrations.sql import run

revision = "0056"
down_revision = "0055"


def upgrade() -> None:
    run(__file__)
