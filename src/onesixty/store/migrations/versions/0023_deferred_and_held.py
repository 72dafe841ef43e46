"""Messages say what they are held for, until when a rule deferred them, and what the rules told about them.

Until now a message was held for one reason only: it was not known whether a carrier had it.
"""

from onesixty.store.migrations.sql import run

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    run(__file__)
