"""Messages that the limit of a key or an SMPP credential counts while they wait."""

from onesixty.store.migrations.sql import run

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    run(__file__)
