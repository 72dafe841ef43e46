"""A membership says whether it follows from the groups of the user at an identity provider."""

from onesixty.store.migrations.sql import run

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    run(__file__)
