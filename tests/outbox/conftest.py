"""Makes the shared fixtures of outbox and webhooks known here."""

from tests.outbox.fixtures import outbox_template, outbox_url, store, world

__all__ = ["outbox_template", "outbox_url", "store", "world"]
