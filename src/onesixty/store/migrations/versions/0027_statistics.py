"""Statistics: the messages that transactions changed, and the boxes in which messages are counted.

A node counts the messages that are there already after its first start, in the background.
"""

from onesixty.store.migrations.sql import run

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    run(__file__)
