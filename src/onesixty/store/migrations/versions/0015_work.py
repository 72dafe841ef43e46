"""One table for work that is claimed, sent and retried: the first kind in it is deliveries to webhooks.

`sink` is the kind of work, `subject` is what it is about, and `target` is its destination if the lane does not
name it. The lane of an endpoint's deliveries is its id, so `endpoint_id` was a duplicate.
"""

from onesixty.store.migrations.sql import run

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run(__file__)
