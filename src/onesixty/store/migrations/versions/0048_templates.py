"""Templates and their approved versions. Keys keep every scope."""

from onesixty.store.migrations.sql import run

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    run(__file__)
