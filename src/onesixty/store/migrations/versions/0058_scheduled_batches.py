"""A batch says when it goes. Of those that are there, the ones that wait are filled: they are found by an index."""

from onesixty.store.migrations.sql import run

revision = "0058"
down_revision = "0057"


def upgrade() -> None:
    run(__file__)
