"""How long the data of an account is kept, how far retention came, and from when on messages are complete."""

from onesixty.store.migrations.sql import run

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    run(__file__)
