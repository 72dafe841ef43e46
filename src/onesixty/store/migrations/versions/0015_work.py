"""One table for work that is claimed, sent and retried: deliveries to webhooks are the first that it holds.

`sink` says what kind of work a row is, `subject` what it is about, `target` where it goes if the lane does not say.
The lane of an endpoint's deliveries is its id, so `endpoint_id` said it twice.
"""

from onesixty.store.migrations.sql import run

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run(__file__)
