"""The operator's account is marked by a column, and is no longer the oldest row.

`accounts.operator` is 1 for one account. The index prevents a second one, even if several nodes start at once.
"""

from onesixty.store.migrations.sql import run

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    run(__file__)
