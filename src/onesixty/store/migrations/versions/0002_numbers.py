"""Numbers and their keywords, the parts of long messages, and the deliveries that wait for customers' binds."""

from onesixty.store.migrations.sql import run

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run(__file__)
