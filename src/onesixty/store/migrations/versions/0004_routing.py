"""Filters and weights of routes, pauses, and bulk jobs.

Routes get filters and a priority; pauses and jobs are new. Messages that a pause keeps out of the lanes have an
index of their own, which does not contain other messages.
"""

from onesixty.store.migrations.sql import run

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run(__file__)
