"""Makes the fixtures of webhooks known here."""

from tests.webhooks.fixtures import store, world

__all__ = ["store", "world"]
