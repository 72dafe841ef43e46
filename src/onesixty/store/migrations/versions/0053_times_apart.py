"""The times until a carrier takes a message, and from there to its delivery, are counted of all that there are."""

from onesixty.store.migrations.sql import run

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    run(__file__)
