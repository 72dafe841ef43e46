"""Which account is the operator's is a role of its own, and not that of the oldest row.

`accounts.operator`: 1 for one account. The index lets no second one be, whatever starts at once.
"""

from onesixty.store.migrations.sql import run

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    run(__file__)
