"""An index for claims, and the time at which an attempt's outcome became known.

The index contains only messages in the memory of a node: recovery looks for claims of dead leases at every
renewal, and must not read every message in progress for that.
"""

from onesixty.store.migrations.sql import run

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run(__file__)
