"""Raised alerts, and an operator's changes to the rules.

`open_key` names rule and subject while an alert is open, so that only one is raised across all nodes.
"""

from onesixty.store.migrations.sql import run

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run(__file__)
