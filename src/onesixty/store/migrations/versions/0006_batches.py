"""Batches, and messages by the reference of their sender.

`batches`: a row for each call that sent many messages; `messages_reference` costs only messages with one.
"""

from onesixty.store.migrations.sql import run

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run(__file__)
