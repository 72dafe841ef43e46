"""Business profiles and their documents. Accounts that exist are verified; keys keep every scope."""

from onesixty.store.migrations.sql import run

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    run(__file__)
