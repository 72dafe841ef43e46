"""Refusals: requests and messages that were not accepted, so that an operator can find out why.

The first index is for the list and for the limit of each account, the second for redaction.
"""

from onesixty.store.migrations.sql import run

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run(__file__)
