"""The message path: accounts, messages, attempts, receipts, outbox, money, carriers, leases.

TEXT and BIGINT only: times are epoch milliseconds, booleans 0 and 1, JSON is text. Text sorts by bytes on
both engines (COLLATE "C" on PostgreSQL). Message tables keep the id first in every unique key, so that they can
be partitioned by ranges of it. On SQLite, tables whose key is text have no rowid.
"""

from onesixty.store.migrations.sql import run

revision = "0001"
down_revision = None


def upgrade() -> None:
    run(__file__)
