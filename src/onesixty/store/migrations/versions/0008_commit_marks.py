"""The last commit of each writing connection of PostgreSQL.

There is a row for each connection that writes. Every transaction changes it, which proves a COMMIT whose answer
was lost. SQLite needs no marks: its COMMIT answers in the same process.
"""

from onesixty.store.migrations.sql import run

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run(__file__)
