"""Keys get an end, networks, senders and classes, and a second secret while they are rotated."""

from onesixty.store.migrations.sql import run

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    run(__file__)
