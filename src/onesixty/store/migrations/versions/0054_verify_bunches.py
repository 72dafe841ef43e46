"""The marks of a range are read from their index alone; the tallies of a country hold those of its new ranges too."""

from onesixty.store.migrations.sql import run

revision = "0054"
down_revision = "0053"


def upgrade() -> None:
    run(__file__)
