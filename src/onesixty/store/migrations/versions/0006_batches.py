"""Batches, and an index of messages by their sender's reference.

`batches` has a row for each call that sent many messages. Only messages with a reference are in `messages_reference`.
"""

from onesixty.store.migrations.sql import run

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run(__file__)
