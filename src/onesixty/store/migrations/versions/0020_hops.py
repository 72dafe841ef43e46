"""What an attempt costs and which sender it had, and what a carrier takes for a segment.

Attempts of older versions had the message's own sender, and no cost was known.
"""

from onesixty.store.migrations.sql import run

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    run(__file__)
