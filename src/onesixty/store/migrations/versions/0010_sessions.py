"""The database sessions of a lease's node.

`sessions`: the node's writing sessions on PostgreSQL (JSON: [[pid, start in microseconds], ...]), which end with
its lease. On SQLite one process owns the file, and the list stays empty.
"""

from onesixty.store.migrations.sql import run

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run(__file__)
