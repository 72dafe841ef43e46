"""The languages of countries in verify profiles, and where the language of a verification is from."""

from onesixty.store.migrations.sql import run

revision = "0055"
down_revision = "0054"


def upgrade() -> None:
    run(__file__)
