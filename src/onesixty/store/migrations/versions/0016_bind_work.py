"""What waits for customers' binds is work like any other: the rows of `bind_deliveries` move to `work`.

Ids keep their time and get the prefix of all work; the 72 hours that rows are kept stand in each row.
"""

from onesixty.store.migrations.sql import run

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    run(__file__)
