"""What is kept of attempts at webhooks, figures of each webhook by the hour, and an index of replayed deliveries."""

from onesixty.store.migrations.sql import run

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    run(__file__)
