"""Users, memberships, credentials, sessions, invitations, links, identities, and the set-up link."""

from onesixty.store.migrations.sql import run

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    run(__file__)
