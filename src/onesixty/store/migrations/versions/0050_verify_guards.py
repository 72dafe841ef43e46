"""What the guards of verifications remember, what they stopped, trusted numbers, and what profiles say of them."""

from onesixty.store.migrations.sql import run

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    run(__file__)
