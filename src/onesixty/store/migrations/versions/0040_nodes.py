"""What nodes say of themselves; what bulk jobs did not change; keys keep every scope."""

from onesixty.store.migrations.sql import run

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    run(__file__)
