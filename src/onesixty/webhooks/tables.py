"""The table of webhook endpoints, as their owners see it. Deliveries use the same rows with statements of their
own, because they hold endpoints in memory and record the state of receivers.
"""

from __future__ import annotations

from typing import Final

import msgspec

from onesixty.core import ids
from onesixty.core.tenant import Tenant
from onesixty.store.table import TEXT, WHOLE, Condition, Table, text_part


class Webhook(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `webhooks`. Times are epoch milliseconds."""

    id: str
    account_id: str
    url: str
    events: tuple[str, ...]
    secret: str
    enabled: bool
    description: str
    test: bool
    created_at: int
    paused_at: int | None = None
    paused_reason: str | None = None
    failing_since: int | None = None
    version: int = 1

    @property
    def tenant(self) -> Tenant:
        """The account and mode of the webhook."""
        return Tenant(self.account_id, self.test)


#: A row without a URL holds an account's secret for status callbacks, and is not a webhook.
WEBHOOKS: Final = Table(
    "webhooks",
    Webhook,
    statements="endpoint",
    prefix=ids.WEBHOOK,
    owner=("account_id", "test"),
    fixed=("account_id", "secret", "test", "paused_at", "paused_reason", "failing_since"),
    filters=("enabled",),
    conditions={
        "url_part": text_part("url", "url_part"),
        "event": Condition(TEXT, """(JSON_HAS(events, :event) OR events LIKE '%"*"%')"""),
        "paused": Condition(WHOLE, "(paused_at IS NOT NULL) = (:paused = 1)"),
        "failing": Condition(WHOLE, "(failing_since IS NOT NULL) = (:failing = 1)"),
    },
    only="url <> ''",
    tells="webhooks",
    sealed=("secret",),
)
TABLES: Final = (WEBHOOKS,)
