"""Makes the shared fixtures of outbox and webhooks known here."""

from tests.outbox.fixtures import store, world

__all__ = ["store", "world"]
