"""Alerts that were raised, and the rules that an operator changed.

`open_key` names rule and subject while an alert is open, so that one is raised once over all nodes.
"""

from onesixty.store.migrations.sql import run

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run(__file__)
