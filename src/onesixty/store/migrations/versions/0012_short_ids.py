"""Message ids of eight characters for customers of SMPP 3.3.

`smpp_short_ids` maps a credential's short id to its message, part or batch.
"""

from onesixty.store.migrations.sql import run

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run(__file__)
