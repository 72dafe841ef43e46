"""The rules of `/v1/webhooks`: who may listen to what, where, and with which secret.

Rules kept here:
- a URL is one that deliveries may go to; types are known ones or `*`, each once;
- a secret is shown once, when it is made; after `rotate` the one before it still signs for 24 hours;
- an endpoint belongs to a tenant; what belongs to another does not exist;
- of two changes at once both hold, and neither takes back what the deliverer noted meanwhile. Of two rotations one
  gets 409;
- enabling an endpoint, or giving it another URL, forgets that it was failing;
- a new URL keeps its secret: a secret signs and is never sent, so the new receiver does not learn it;
- the secret of an account's status callbacks is a row of its own without URL, which no list shows. Nobody asked
  for it when it was made, so it can be read again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from onesixty.core import events
from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.core.tenant import Tenant
from onesixty.http.urls import check_url
from onesixty.store.contract import Store
from onesixty.store.rows import Lost, RowEffect, Rows
from onesixty.store.units import StoreError, Unit
from onesixty.webhooks import secrets
from onesixty.webhooks.listeners import (
    ALL,
    EndpointTable,
    callback_row_id,
    make_callback_secret,
)
from onesixty.webhooks.rows import callback_owner
from onesixty.webhooks.tables import WEBHOOKS, Webhook

MAX_ENDPOINTS: Final = 50


class Webhooks:
    """The service. `entropy(n)` returns n unpredictable bytes."""

    def __init__(
        self,
        store: Store,
        table: EndpointTable,
        *,
        clock: Clock,
        id_source: IdSource,
        entropy: Callable[[int], bytes],
        allow_private: bool = False,
        effects: Sequence[RowEffect] = (),
    ) -> None:
        self._store = store
        self._table = table
        self._clock = clock
        self._entropy = entropy
        self._allow_private = allow_private
        self.rows = Rows(WEBHOOKS, store, clock, id_source, one="webhook", effects=effects)
        self.rows.on_written(self._written)

    async def new(
        self, tenant: Tenant, url: str, types: Sequence[str], description: str = ""
    ) -> tuple[Webhook, str]:
        """A new endpoint and its secret. Raises Problem."""
        check_url(url, self._allow_private)
        found, more = await self.rows.page(MAX_ENDPOINTS, None, tenant.own)
        if len(found) == MAX_ENDPOINTS or more:
            raise Problem("conflict", f"An account can have at most {MAX_ENDPOINTS} webhooks.")
        secret = self._new_secret()
        webhook = Webhook(
            id=self.rows.new_id(),
            account_id=tenant.account_id,
            url=url,
            events=checked_types(types),
            secret=secret,
            enabled=True,
            description=description,
            test=tenant.test,
            created_at=self.rows.now(),
        )
        return webhook, secret

    def checked(
        self, before: Webhook, after: Webhook, said: Mapping[str, Any]
    ) -> tuple[Webhook, Sequence[Write]]:
        """A changed endpoint, with the writes that belong to the change. Raises Problem."""
        moved = after.url != before.url
        if moved:
            check_url(after.url, self._allow_private)
        if not moved and not (after.enabled and "enabled" in said):
            return after, ()
        begun = msgspec.structs.replace(after, paused_at=None, paused_reason=None, failing_since=None)
        return begun, (("webhook_well", (before.id,)),)

    async def get(self, tenant: Tenant, id_: str) -> Webhook:
        """One endpoint. Raises Problem `not_found`."""
        return await self.rows.get(id_, tenant.own)

    async def rotate(self, tenant: Tenant, id_: str) -> tuple[Webhook, str]:
        """Rotate the secret; the previous one also signs for another 24 hours."""
        webhook = await self.get(tenant, id_)
        secret = self._new_secret()
        column = secrets.rotated(webhook.secret, secret, self._clock.now_ms())
        await self._write_secret(id_, webhook.secret, column)
        return webhook, secret

    async def callback_secret(self, tenant: Tenant) -> str:
        """The secret that signs the status callbacks of a tenant; created at its first use."""
        column = await self._callback_column(callback_owner(tenant))
        return column.split(maxsplit=1)[0]

    async def rotate_callback_secret(self, tenant: Tenant) -> str:
        """Rotate the secret of a tenant's status callbacks; the previous one also signs for another 24 hours."""
        owner = callback_owner(tenant)
        secret = self._new_secret()
        before = await self._callback_column(owner)
        column = secrets.rotated(before, secret, self._clock.now_ms())
        id_ = callback_row_id(owner)
        await self._write_secret(id_, before, column)
        return secret

    async def _callback_column(self, owner: str) -> str:
        id_ = callback_row_id(owner)
        rows = await self._store.fetch("webhook_secret_of", id=id_)
        if not rows:
            key = self._entropy(secrets.KEY_BYTES)
            await make_callback_secret(self._store, self._table, owner, key, self._clock.now_ms())
            rows = await self._store.fetch("webhook_secret_of", id=id_)
        return str(rows[0][0])

    def _new_secret(self) -> str:
        return secrets.from_key(self._entropy(secrets.KEY_BYTES))

    async def _write_secret(self, id_: str, before: str, column: str) -> None:
        """Write the new secrets. Raises Problem `conflict` if another request changed them at the same time."""
        unit = Unit(keys=(id_,), guards=(("webhook_secret", (id_, before, column)),))
        (result,) = await self._store.commit([unit])
        if isinstance(result, StoreError):
            raise result
        if result is False:
            raise Lost
        await self._table.refresh(self._store)

    async def _written(self, before: Webhook | None, after: Webhook | None) -> None:
        await self._table.refresh(self._store)


def checked_types(given: Sequence[str]) -> tuple[str, ...]:
    """The event types of an endpoint, each once. Raises Problem if there are none, or unknown ones."""
    if not given:
        raise Problem(
            "invalid_field", '`events` must name at least one event type, or "*" for all.', param="events"
        )
    for index, type_ in enumerate(given):
        if type_ != ALL and type_ not in events.TYPES:
            known = ", ".join(events.TYPES)
            raise Problem(
                "invalid_field", f"Unknown event type. The types are: {known}, and *.",
                param=f"events[{index}]",
            )  # fmt: skip
    return tuple(dict.fromkeys(given))
