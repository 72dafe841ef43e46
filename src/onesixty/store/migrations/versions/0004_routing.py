"""Filters and weights of routes, what is paused, and bulk jobs.

Routes get filters and a priority; pauses and jobs are new; messages that a pause keeps out of the lanes are
found by an index of their own, which plain ones are not in.
"""

from onesixty.store.migrations.sql import run

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run(__file__)
