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
from onesixty.core.contracts import Sealer, Write
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.core.tenant import Tenant
from onesixty.http.urls import check_url
from onesixty.store.contract import Store
from onesixty.store.rows import CHANGES, Lost, RowEffect, Rows
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
        sealer: Sealer,
        effects: Sequence[RowEffect] = (),
    ) -> None:
        self._store = store
        self._table = table
        self._clock = clock
        self._entropy = entropy
        self._allow_private = allow_private
        self._sealer = sealer
        self.rows = Rows(WEBHOOKS, store, clock, id_source, one="webhook", effects=effects, sealer=sealer)
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

    async def rotate(self, tenant: Tenant, id_: str, also: Sequence[Write] = ()) -> tuple[Webhook, str]:
        """Rotate the secret; the previous one also signs for another 24 hours. `also` is written with it."""
        webhook = await self.get(tenant, id_)
        secret = self._new_secret()
        await self._rotate(id_, webhook.secret, secret, also)
        return webhook, secret

    async def callback_secret(self, tenant: Tenant) -> str:
        """The secret that signs the status callbacks of a tenant; created at its first use."""
        _, column = await self._callback_column(callback_owner(tenant))
        return column.split(maxsplit=1)[0]

    async def rotate_callback_secret(self, tenant: Tenant, also: Sequence[Write] = ()) -> str:
        """Rotate the secret of a tenant's status callbacks; the previous one also signs for another 24 hours. `also`
        is written with it."""
        secret = self._new_secret()
        id_, before = await self._callback_column(callback_owner(tenant))
        await self._rotate(id_, before, secret, also)
        return secret

    async def _callback_column(self, owner: str) -> tuple[str, str]:
        """The id of an owner's row, and its secrets."""
        id_ = callback_row_id(owner)
        rows = await self._store.fetch("webhook_secret_of", id=id_)
        if not rows or not rows[0][0]:
            key, now = self._entropy(secrets.KEY_BYTES), self._clock.now_ms()
            await make_callback_secret(self._store, self._table, owner, key, now)
        _, column = await self._stored_secret(id_)
        return id_, column

    async def _stored_secret(self, id_: str) -> tuple[str, str]:
        """The secrets of a row, as it keeps them and opened. Raises Lost if the row is gone."""
        rows = await self._store.fetch("webhook_secret_of", id=id_)
        if not rows:
            raise Lost
        stored = str(rows[0][0])
        return stored, secrets.opened(self._sealer, id_, stored)

    def _new_secret(self) -> str:
        return secrets.from_key(self._entropy(secrets.KEY_BYTES))

    async def _rotate(self, id_: str, before: str, secret: str, also: Sequence[Write]) -> None:
        """Write a new secret beside the one of `before`. Raises Problem `conflict` if another request changed it at
        the same time. A rotation of the instance secret is no change."""
        column = secrets.rotated(before, secret, self._clock.now_ms())
        for _ in range(CHANGES):
            stored, found = await self._stored_secret(id_)
            if found != before:
                raise Lost
            change = ("webhook_secret", (id_, stored, secrets.sealed(self._sealer, id_, column)))
            (result,) = await self._store.commit([Unit(keys=(id_,), guards=(change,), writes=tuple(also))])
            if isinstance(result, StoreError):
                raise result
            if result:
                await self._table.refresh(self._store)
                return
        raise Lost

    async def _written(self, before: Webhook | None, after: Webhook | None) -> None:
        await self._table.refresh(self._store)


def checked_types(given: Sequence[str], param: str = "events") -> tuple[str, ...]:
    """The event types that a field names, each once. Raises Problem if there are none, or unknown ones."""
    if not given:
        raise Problem(
            "invalid_field", f'`{param}` must name at least one event type, or "*" for all.', param=param
        )
    for index, type_ in enumerate(given):
        if type_ != ALL and type_ not in events.TYPES:
            known = ", ".join(events.TYPES)
            raise Problem(
                "invalid_field", f"Unknown event type. The types are: {known}, and *.",
                param=f"{param}[{index}]",
            )  # fmt: skip
    return tuple(dict.fromkeys(given))
