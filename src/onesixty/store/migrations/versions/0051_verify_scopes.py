"""The scopes of verifications go to keys that had every scope."""

from onesixty.store.migrations.sql import run

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    run(__file__)
