"""Accounts form a tree below the operator's, and have a country, a time zone and a state of their own.

The state was `suspended` in the settings.
"""

from onesixty.store.migrations.sql import run

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    run(__file__)
