"""The keys of the instance secret: which one is in force, and which nodes know which.

Values that were stored in plain text are sealed by the first start of a node, which has the secret.
"""

from onesixty.store.migrations.sql import run

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    run(__file__)
