"""What each writing connection of PostgreSQL committed last.

A row for each connection that writes, changed in every transaction: proof of a COMMIT whose answer was
lost. SQLite keeps none: its COMMIT answers in the same process.
"""

from onesixty.store.migrations.sql import run

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run(__file__)
