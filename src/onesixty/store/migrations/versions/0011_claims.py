"""Claims are found by an index, and an attempt says when its outcome came to light.

The index holds only what is in the memory of a node: recovery looks for claims of dead leases at every
renewal, and must not read all that is under way for it.
"""

from onesixty.store.migrations.sql import run

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run(__file__)
