"""The rules of `/v1/webhooks`: who may listen to what, where, and with which secret.

Rules kept here:
- a URL is one that deliveries may go to; types are known ones or `*`, each once;
- a secret is shown once, when it is made; after `rotate` the one before it still signs for 24 hours;
- an endpoint belongs to an account and a mode (live or test); what belongs to another does not exist;
- a change writes only what is given, in the statement: of two at once, both hold. Of two rotations one gets 409;
- enabling an endpoint, or giving it another URL, forgets that it was failing;
- a new URL keeps its secret: a secret signs and is never sent, so the new receiver does not learn it;
- the secret of an account's status callbacks is a row of its own without URL, which no list shows. Nobody asked
  for it when it was made, so it can be read again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from onesixty.core import events, ids, times
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.outbox import secrets
from onesixty.outbox.endpoints import (
    ALL,
    EndpointTable,
    callback_owner,
    callback_row_id,
    make_callback_secret,
)
from onesixty.outbox.urls import check_url
from onesixty.store.contract import Store
from onesixty.store.units import StoreError, Unit, Write

MAX_ENDPOINTS: Final = 50
MAX_DESCRIPTION: Final = 500


class Webhook(msgspec.Struct, kw_only=True):
    """A row of `webhooks`; `events` is a JSON list, times are epoch milliseconds."""

    id: str
    account_id: str
    url: str
    events: str
    secret: str
    enabled: bool
    description: str
    test: bool
    created_at: int
    paused_at: int | None = None
    paused_reason: str | None = None
    failing_since: int | None = None


def view(webhook: Webhook, secret: str | None = None) -> dict[str, Any]:
    """An endpoint as the API shows it; `secret` only in the answer that made it."""
    shown: dict[str, Any] = {
        "id": webhook.id,
        "url": webhook.url,
        "events": msgspec.json.decode(webhook.events),
        "description": webhook.description,
        "enabled": bool(webhook.enabled),
        "test": bool(webhook.test),
        "created_at": times.to_text(webhook.created_at),
        "paused_at": None if webhook.paused_at is None else times.to_text(webhook.paused_at),
        "paused_reason": webhook.paused_reason,
        "failing_since": None if webhook.failing_since is None else times.to_text(webhook.failing_since),
    }
    if secret is not None:
        shown["secret"] = secret
    return shown


class Webhooks:
    """See the module. `entropy(n)` gives n bytes nobody can guess."""

    def __init__(
        self,
        store: Store,
        table: EndpointTable,
        *,
        clock: Clock,
        id_source: IdSource,
        entropy: Callable[[int], bytes],
        allow_private: bool = False,
    ) -> None:
        self._store = store
        self._table = table
        self._clock = clock
        self._ids = id_source
        self._entropy = entropy
        self._allow_private = allow_private

    async def create(
        self, account_id: str, test: bool, url: str, types: list[str], description: str = ""
    ) -> tuple[Webhook, str]:
        """A new endpoint and its secret."""
        check_url(url, self._allow_private)
        if len(await self._of_account(account_id, test)) >= MAX_ENDPOINTS:
            raise Problem("conflict", f"An account has at most {MAX_ENDPOINTS} webhooks.")
        secret = self._new_secret()
        webhook = Webhook(
            id=self._ids.new(ids.WEBHOOK),
            account_id=account_id,
            url=url,
            events=_types(types),
            secret=secret,
            enabled=True,
            description=_description(description),
            test=test,
            created_at=self._clock.now_ms(),
        )
        await self._write(webhook.id, "webhook_insert", msgspec.structs.astuple(webhook), guard=False)
        return webhook, secret

    async def page(self, account_id: str, test: bool, limit: int, after: str | None) -> list[Webhook]:
        """The endpoints of an account, newest first, from below `after`."""
        rows = [row for row in await self._of_account(account_id, test) if after is None or row.id < after]
        return rows[:limit]

    async def get(self, account_id: str, test: bool, id_: str) -> Webhook:
        """One endpoint. Raises Problem `not_found`."""
        for webhook in await self._of_account(account_id, test):
            if webhook.id == id_:
                return webhook
        raise Problem("not_found", "There is no such webhook.")

    async def change(
        self,
        account_id: str,
        test: bool,
        id_: str,
        *,
        url: str | None = None,
        types: list[str] | None = None,
        description: str | None = None,
        enabled: bool | None = None,
    ) -> Webhook:
        """Change what is given (None: leave as it is)."""
        webhook = await self.get(account_id, test, id_)
        if url is not None and url != webhook.url:
            check_url(url, self._allow_private)
        row = (
            id_,
            url,
            None if types is None else _types(types),
            None if description is None else _description(description),
            enabled,
        )
        await self._write(id_, "webhook_change", row)
        return await self.get(account_id, test, id_)

    async def delete(self, account_id: str, test: bool, id_: str) -> None:
        """Remove an endpoint. What still waited for it ends as failed."""
        await self.get(account_id, test, id_)
        await self._write(id_, "webhook_delete", (id_,))

    async def rotate(self, account_id: str, test: bool, id_: str) -> tuple[Webhook, str]:
        """A new secret; the one before it signs for another 24 hours."""
        webhook = await self.get(account_id, test, id_)
        secret = self._new_secret()
        column = secrets.rotated(webhook.secret, secret, self._clock.now_ms())
        await self._write(id_, "webhook_secret", (id_, webhook.secret, column))
        return webhook, secret

    async def callback_secret(self, account_id: str, test: bool) -> str:
        """The secret that signs the status callbacks of an account in one mode; made at its first use."""
        column = await self._callback_column(callback_owner(account_id, test))
        return column.split(maxsplit=1)[0]

    async def rotate_callback_secret(self, account_id: str, test: bool) -> str:
        """A new secret for the status callbacks of an account in one mode; the one before it signs for 24 hours
        more."""
        owner = callback_owner(account_id, test)
        secret = self._new_secret()
        before = await self._callback_column(owner)
        column = secrets.rotated(before, secret, self._clock.now_ms())
        id_ = callback_row_id(owner)
        await self._write(id_, "webhook_secret", (id_, before, column))
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

    async def _of_account(self, account_id: str, test: bool) -> list[Webhook]:
        rows = await self._store.fetch("webhooks_of_account", account_id=account_id, test=int(test))
        return [Webhook(**dict(zip(_COLUMNS, row, strict=True))) for row in rows]

    async def _write(self, id_: str, statement: str, row: tuple[object, ...], *, guard: bool = True) -> None:
        """Write one change, and let this process know of it before anybody is answered.

        Raises Problem `conflict` where the row is not as it was read, or gone.
        """
        write: Write = (statement, row)
        unit = Unit(keys=(id_,), guards=(write,) if guard else (), writes=() if guard else (write,))
        (result,) = await self._store.commit([unit])
        if isinstance(result, StoreError):
            raise Problem("unavailable" if result.retryable else "conflict")
        if result is False:
            raise Problem("conflict", "It was changed or removed meanwhile: read it again.")
        await self._table.refresh(self._store)


_COLUMNS: Final = Webhook.__struct_fields__


def _types(given: list[str]) -> str:
    """The JSON of a list of event types. Raises Problem for none, unknown or doubled ones."""
    if not given:
        raise Problem("invalid_field", 'Name the events to listen to, or "*" for all.', param="events")
    for index, type_ in enumerate(given):
        if type_ != ALL and type_ not in events.TYPES:
            known = ", ".join(events.TYPES)
            raise Problem(
                "invalid_field", f"There is no event of this type; there are {known}, and *.",
                param=f"events[{index}]",
            )  # fmt: skip
    return msgspec.json.encode(list(dict.fromkeys(given))).decode()


def _description(given: str) -> str:
    if len(given) > MAX_DESCRIPTION:
        raise Problem("invalid_field", f"It has more than {MAX_DESCRIPTION} characters.", param="description")
    return given
