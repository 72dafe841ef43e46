"""What SMPP customers bind with.

A system_id is unique among the credentials that were not revoked, so that it can be given again.
"""

from onesixty.store.migrations.sql import run

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run(__file__)
