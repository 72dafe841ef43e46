"""A subject has one open verification by an index over what is open alone; no key has to be moved at its end."""

from onesixty.store.migrations.sql import run

revision = "0057"
down_revision = "0056"


def upgrade() -> None:
    run(__file__)
