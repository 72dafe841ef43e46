"""The webhook endpoints of all accounts in memory, rebuilt from their rows.

Rules kept here:
- the rows are authoritative; `refresh` replaces the whole table when they have changed;
- an endpoint gets an event if it is enabled, has the event's mode (live or test), and lists its type or `*`;
- a row without a URL holds an account's secret for status callbacks in one mode.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec

from onesixty.core.contracts import Sealer
from onesixty.core.tenant import Tenant
from onesixty.store.contract import Store
from onesixty.store.units import StoreError, Unit
from onesixty.webhooks import secrets
from onesixty.webhooks.rows import callback_owner

ALL: Final = "*"

Row = Sequence[Any]


class Endpoint(msgspec.Struct, frozen=True):
    """The fields of an endpoint that deliveries need. Times are epoch milliseconds."""

    id: str
    tenant: Tenant
    url: str
    types: frozenset[str]
    secrets: secrets.Secrets
    enabled: bool
    paused_at: int | None
    failing_since: int | None

    def wants(self, type_: str) -> bool:
        return ALL in self.types or type_ in self.types


def callback_row_id(owner: str) -> str:
    """The id of the row of a callback secret; an owner has at most one."""
    return f"callback {owner}"


async def make_callback_secret(store: Store, table: EndpointTable, owner: str, key: bytes, at: int) -> None:
    """Give an owner a secret for status callbacks unless it has one, and update the table."""
    if table.ready is not None:
        await table.ready()
    account_id, _, mode = owner.partition(" ")
    id_ = callback_row_id(owner)
    row = (
        id_, account_id, "", "[]", secrets.sealed(table.sealer, id_, secrets.from_key(key)), True, "status callbacks",
        bool(mode), at, None, None, None,
    )  # fmt: skip
    (result,) = await store.commit([Unit(keys=(row[0],), writes=(("webhook_insert", row),))])
    if isinstance(result, StoreError):
        raise result
    await table.refresh(store)


class EndpointTable:
    """The endpoints in memory. `on_change` callbacks get the ids of changed and deleted endpoints."""

    def __init__(self, sealer: Sealer, ready: Callable[[], Awaitable[None]] | None = None) -> None:
        """`sealer` opens the secrets of the rows, once for each time that they are read. `ready` is awaited before
        it seals one."""
        self.sealer = sealer
        self.ready = ready
        self._rows: list[tuple[Any, ...]] = []
        self._by_id: dict[str, Endpoint] = {}
        self._by_tenant: dict[Tenant, list[Endpoint]] = {}
        self._callbacks: dict[str, secrets.Secrets] = {}
        #: The secrets by what the rows keep, so that each is opened once.
        self._opened: dict[str, secrets.Secrets] = {}
        self._matches: dict[tuple[Tenant, str], tuple[Endpoint, ...]] = {}
        self._listeners: list[Callable[[set[str]], None]] = []
        self._reading = asyncio.Lock()

    def on_change(self, listener: Callable[[set[str]], None]) -> None:
        self._listeners.append(listener)

    async def refresh(self, store: Store) -> None:
        """Read the rows again. Reads run one after the other, or an older answer could arrive last."""
        async with self._reading:
            self.load(await store.fetch("webhooks_all"))

    def load(self, rows: Sequence[Row]) -> None:
        """Load the rows of `webhooks_all`."""
        fresh = [tuple(row) for row in rows]
        if fresh == self._rows:
            return
        self._rows = fresh
        before, opened = self._by_id, self._opened
        self._opened = {row[4]: opened.get(row[4]) or self._open(row[0], row[4]) for row in fresh}
        self._by_id, self._by_tenant, self._callbacks, self._matches = {}, {}, {}, {}
        for row in fresh:
            id_, account_id, url, types, secret, enabled, test, paused_at, failing_since = row
            if not url:
                owner = callback_owner(Tenant(account_id, bool(test)))
                if secret:
                    self._callbacks[owner] = self._opened[secret]
                continue
            endpoint = Endpoint(
                id=id_,
                tenant=Tenant(account_id, bool(test)),
                url=url,
                types=frozenset(msgspec.json.decode(types, type=list[str])),
                secrets=self._opened[secret],
                enabled=bool(enabled),
                paused_at=paused_at,
                failing_since=failing_since,
            )
            self._by_id[id_] = endpoint
            self._by_tenant.setdefault(endpoint.tenant, []).append(endpoint)
        changed = {
            id_ for id_ in before.keys() | self._by_id.keys() if before.get(id_) != self._by_id.get(id_)
        }
        for listener in self._listeners:
            listener(changed)

    def _open(self, id_: str, stored: str) -> secrets.Secrets:
        return secrets.parse_column(secrets.opened(self.sealer, id_, stored))

    def matching(self, tenant: Tenant, type_: str) -> tuple[Endpoint, ...]:
        """The endpoints that get an event of this type."""
        key = (tenant, type_)
        found = self._matches.get(key)
        if found is None:
            found = self._matches[key] = tuple(
                endpoint
                for endpoint in self._by_tenant.get(tenant, ())
                if endpoint.enabled and endpoint.wants(type_)
            )
        return found

    def paused(self) -> list[str]:
        """The ids of paused endpoints."""
        return [id_ for id_, endpoint in self._by_id.items() if endpoint.paused_at and endpoint.enabled]

    def get(self, endpoint_id: str) -> Endpoint | None:
        return self._by_id.get(endpoint_id)

    def signs(self, owner: str) -> bool:
        """Whether an owner has a secret for status callbacks."""
        return owner in self._callbacks

    def callback_keys(self, owner: str, now: int) -> tuple[bytes, ...]:
        """The keys for an owner's status callbacks; empty if it has no secret for them."""
        return secrets.keys_at(self._callbacks.get(owner, ()), now)
