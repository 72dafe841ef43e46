"""Keys that had every scope get the new ones: scopes of users, the audit log, reports and sub-accounts.

A key with every scope is documented as one that can do everything, and a key cannot be widened. Only the operator's
account has such keys; all other keys stay as they are.
"""

from onesixty.store.migrations.sql import run

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    run(__file__)
