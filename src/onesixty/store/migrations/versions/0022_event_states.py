"""Events keep a state instead of a body, once their message no longer waits (`core/event_body.py`).

Older events keep their bodies.
"""

from onesixty.store.migrations.sql import run

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    run(__file__)
