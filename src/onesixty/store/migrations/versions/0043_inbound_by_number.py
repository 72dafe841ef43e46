"""An index of incoming messages by account and number: it tells when a number last got one."""

from onesixty.store.migrations.sql import run

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    run(__file__)
