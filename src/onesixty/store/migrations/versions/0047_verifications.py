"""Verifications: their profiles, their rows, and their figures."""

from onesixty.store.migrations.sql import run

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    run(__file__)
