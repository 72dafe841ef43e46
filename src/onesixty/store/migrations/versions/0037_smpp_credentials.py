"""SMPP credentials get an end, a second password while they are rotated, and their last bind."""

from onesixty.store.migrations.sql import run

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    run(__file__)
