"""The numbers of verifications by their last digits: handsets that answer with a code are found by them."""

from onesixty.store.migrations.sql import run

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    run(__file__)
