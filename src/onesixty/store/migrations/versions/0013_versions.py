"""A version for every row that the API changes: accounts, keys, webhooks and the rules of alerts."""

from onesixty.store.migrations.sql import run

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run(__file__)
