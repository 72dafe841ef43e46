"""The credentials with which SMPP customers bind.

A system_id is unique among the credentials that are not revoked, so that it can be used again after a revocation.
"""

from onesixty.store.migrations.sql import run

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run(__file__)
