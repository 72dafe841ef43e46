"""Deliveries to customers' binds become work like any other: the rows of `bind_deliveries` move to `work`.

Ids keep their time and get the common prefix of work. The 72 hours for which rows are kept are stored in each row.
"""

from onesixty.store.migrations.sql import run

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    run(__file__)
