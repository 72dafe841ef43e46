"""Accounts and keys in the store: create, list, find, revoke, and the operator's account of the first start.

Rules kept here:
- `book` holds every account in memory, because intake needs prices and permissions for each message. It is
  refreshed whenever a key of the account is looked up, so a change made on another node arrives within seconds;
- one account is the operator's (`operator`): the first start creates it, and the database refuses a second one;
- listeners (the key ring) are told of a key that was created or revoked once that is committed. After a change of
  an account they are told of all its keys, because a key may use the limit of its account;
- the last use of a key is written at most every ten minutes, and nothing waits for that write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from onesixty.accounts import keys as keys_
from onesixty.accounts.account import Account, AccountSettings
from onesixty.accounts.keys import Entropy, Key, NewKey
from onesixty.accounts.tables import ACCOUNTS, KEYS
from onesixty.accounts.tree import Tree
from onesixty.core import money
from onesixty.core.actor import ONESIXTY, SETTINGS, Actor
from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.core.tenant import Tenant
from onesixty.http.auth import KnownKey, hash_of
from onesixty.http.networks import Networks
from onesixty.http.scopes import ALL_SCOPES, TENANT_SCOPES, TEST_SCOPES, Principal
from onesixty.store.contract import Store
from onesixty.store.rows import Book, By, Lost, RowEffect, Rows
from onesixty.store.units import Unit

USED_EVERY_MS: Final = 600_000
_KEY_COLUMNS: Final = len(Key.__struct_fields__)


class Accounts:
    """Accounts and keys of one node."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        id_source: IdSource,
        entropy: Entropy,
        effects: Sequence[RowEffect] = (),
    ) -> None:
        self._store = store
        self._entropy = entropy
        self._listeners: list[Callable[[str], None]] = []
        self.rows = Rows(ACCOUNTS, store, clock, id_source, one="account", effects=effects, shows=_shown)
        self.keys = Rows(KEYS, store, clock, id_source, one="key", effects=effects)
        self._book = Book(self.rows)
        #: Every account by id.
        self.book: Mapping[str, Account] = self._book.by_id
        #: What follows from the places of accounts in their tree.
        self.tree = Tree(self.book)
        self._book.on_filled(self.tree.renew)
        self._operator: str | None = None
        self.rows.on_written(self._account_written)
        self.keys.on_written(self._key_written)

    def on_key_change(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with the hash of each key that is created or revoked in this process."""
        self._listeners.append(listener)

    @property
    def version(self) -> int:
        """Counts the changes of `book`."""
        return self._book.version

    def currency(self, account_id: str) -> str:
        """The currency of an account."""
        return self.book[account_id].currency

    async def load(self) -> None:
        """Load all accounts. Call once at start, before messages are accepted."""
        await self._book.load()

    def operator(self) -> Account:
        """The operator's account. Raises LookupError if it has not been created yet."""
        found = self._operator_id()
        if found is None:
            raise LookupError("the database has no account yet")
        return self.book[found]

    def _operator_id(self) -> str | None:
        if self._operator is None:
            self._operator = next((id_ for id_, account in self.book.items() if account.operator), None)
        return self._operator

    # ------------------------------------------------------------ accounts

    def new_account(
        self,
        name: str,
        currency: str,
        price_per_segment: int,
        settings: AccountSettings | None = None,
        *,
        operator: bool = False,
        parent_id: str | None = None,
        **fields: Any,
    ) -> Account:
        """A new account, below the operator's unless `parent_id` names another one. `fields` are further fields."""
        if parent_id is None:
            parent_id = self._operator_id()
        return Account(
            id=self.rows.new_id(),
            name=name,
            currency=currency,
            price_per_segment=price_per_segment,
            settings=settings or AccountSettings(),
            created_at=self.rows.now(),
            operator=operator,
            parent_id=parent_id,
            **fields,
        )

    def first_keys(
        self, account: Account, live_scopes: Sequence[str] = TENANT_SCOPES, **fields: Any
    ) -> list[NewKey]:
        """The first live key of an account, with these scopes, and its first test key, with those of them that a
        test key can have. `fields` are further fields of both."""
        test_scopes = [name for name in TEST_SCOPES if name in live_scopes]
        return [
            self.new_key(Tenant(account.id, False), "first live key", scopes=live_scopes, **fields),
            self.new_key(Tenant(account.id, True), "first test key", scopes=test_scopes, **fields),
        ]

    async def create(
        self,
        name: str,
        currency: str,
        price_per_segment: int,
        settings: AccountSettings | None = None,
        *,
        live_scopes: Sequence[str] = TENANT_SCOPES,
        operator: bool = False,
        with_keys: bool = True,
        actor: Actor = ONESIXTY,
    ) -> tuple[Account, list[NewKey]]:
        """Create an account with a live key and a test key, in one transaction.

        `operator` creates the operator's account; raises Problem `conflict` if it exists already. `actor` is who
        creates it.
        """
        account = self.new_account(name, currency, price_per_segment, settings, operator=operator)
        by = By(account.id, actor)
        keys = self.first_keys(account, live_scopes) if with_keys else []
        writes = [write for made in keys for write in self.keys.inserting(made.key, by=by)]
        await self.rows.add(account, by=by, writes=writes)
        return account, keys

    async def change(self, account_id: str, change: Callable[[Account], Account]) -> Account:
        """Apply `change` to the stored account. Concurrent changes are applied one after the other.

        Raises Problem `not_found`, and `conflict` if the account keeps changing.
        """
        return await self.rows.amend(account_id, change)

    async def _account_written(self, before: Account | None, after: Account | None) -> None:
        if before is None or after is None:
            return
        for (key_hash,) in await self._store.fetch("key_hashes", account_id=after.id):
            self._tell(str(key_hash))

    # ------------------------------------------------------------ keys

    async def find_key(self, key_hash: str) -> KnownKey | None:
        """Find a key by the SHA-256 of its secret; used by the key ring."""
        rows = await self._store.fetch("key_find", hash=key_hash)
        if not rows:
            return None
        key, account = KEYS.read(rows[0][:_KEY_COLUMNS]), ACCOUNTS.read(rows[0][_KEY_COLUMNS:])
        self._book.note(account)
        principal = _principal(key, account)
        replaced = key.hash != key_hash
        until = key.expires_at
        if replaced and key.previous_expires_at is not None:
            until = key.previous_expires_at if until is None else min(until, key.previous_expires_at)
        refusal = None
        if key.revoked_at is not None:
            refusal = "key_revoked"
        elif until is not None and until <= self.keys.now():
            refusal = "key_expired"
        return KnownKey(
            principal,
            refusal,
            until if refusal is None else None,
            Networks(key.allowed_networks) if key.allowed_networks else None,
            lambda address: self._note_use(key, address, replaced=replaced),
        )

    async def holder_of(self, key_id: str) -> Principal:
        """The principal of a key by its id, for what it does later than its request. Raises Problem `unauthorized`,
        `key_revoked` or `key_expired`."""
        key = await self.keys.find(key_id)
        if key is None or key.account_id not in self.book:
            raise Problem("unauthorized", "Unknown API key.")
        if key.revoked_at is not None:
            raise Problem("key_revoked")
        if key.expires_at is not None and key.expires_at <= self.keys.now():
            raise Problem("key_expired")
        return _principal(key, self.book[key.account_id])

    def new_key(
        self,
        tenant: Tenant,
        name: str,
        *,
        scopes: Sequence[str],
        secret: str | None = None,
        requests_per_second: int | None = None,
        **fields: Any,
    ) -> NewKey:
        """A new key. `secret` is given only for a key that the operator chose; without a limit, the limit of the
        account applies. `fields` are further fields of the key.
        """
        secret = secret or keys_.make_secret(tenant.test, self._entropy)
        key = Key(
            id=self.keys.new_id(),
            account_id=tenant.account_id,
            name=name,
            hash=hash_of(secret),
            hint=keys_.hint_of(secret),
            test=tenant.test,
            scopes=tuple(scopes),
            created_at=self.keys.now(),
            requests_per_second=requests_per_second,
            **fields,
        )
        return NewKey(key, secret)

    async def create_key(
        self,
        tenant: Tenant,
        name: str,
        *,
        scopes: Sequence[str],
        secret: str | None = None,
        actor: Actor = ONESIXTY,
    ) -> NewKey:
        """Store a new key. `actor` is who creates it."""
        made = self.new_key(tenant, name, scopes=scopes, secret=secret)
        await self.keys.add(made.key, by=By(tenant.account_id, actor))
        return made

    async def list_keys(
        self, tenant: Tenant, *, limit: int, after: str | None
    ) -> tuple[Sequence[Key], str | None]:
        """A page of the keys of a tenant, including revoked ones."""
        return await self.keys.page(limit, after, tenant.setup)

    async def get_key(self, tenant: Tenant, key_id: str) -> Key | None:
        """A key of a tenant."""
        return await self.keys.find(key_id, tenant.setup)

    async def revoke_key(self, tenant: Tenant, key_id: str, actor: Actor = ONESIXTY) -> None:
        """Revoke a key. `actor` is who revokes it. Raises Problem `not_found`; repeating the call is fine."""
        await self.revoke(await self.keys.get(key_id, tenant.setup), By(tenant.account_id, actor))

    async def revoke(self, key: Key, by: By | None = None) -> None:
        """Revoke a key. Repeating the call is fine."""
        if key.revoked_at is None:
            await self.keys.change(key, msgspec.structs.replace(key, revoked_at=self.keys.now()), by=by)

    async def keys_with(self, key_hash: str) -> list[Key]:
        """The keys of any account that have, or had until a moment ago, this secret: one or none."""
        rows = await self._store.fetch("key_find", hash=key_hash)
        return [KEYS.read(row[:_KEY_COLUMNS]) for row in rows]

    def rotated(self, key: Key, overlap_seconds: int) -> NewKey:
        """The key with a new secret; its present one opens for some more seconds. One that was replaced before ends
        now. Raises Problem `conflict` if the key is revoked or has ended."""
        now = self.keys.now()
        if key.revoked_at is not None:
            raise Problem("conflict", "The key is revoked.")
        if key.expires_at is not None and key.expires_at <= now:
            raise Problem("conflict", "The key has expired. Change `expires_at` first.")
        secret = keys_.make_secret(key.test, self._entropy)
        return NewKey(
            msgspec.structs.replace(
                key,
                hash=hash_of(secret),
                hint=keys_.hint_of(secret),
                previous_hash=key.hash,
                previous_hint=key.hint,
                previous_expires_at=now + overlap_seconds * 1000,
                previous_used_at=None,
            ),
            secret,
        )

    def _note_use(self, key: Key, address: str, *, replaced: bool) -> None:
        now = self.keys.now()
        writes: list[Write] = []
        if _is_due(key.last_used_at, now):
            writes.append(("key_used", (key.id, now, address)))
        if replaced and _is_due(key.previous_used_at, now):
            writes.append(("key_previous_used", (key.id, now, key.previous_hash)))
        if writes:
            self._store.commit([Unit(keys=(key.id,), writes=tuple(writes))])

    async def _key_written(self, before: Key | None, after: Key | None) -> None:
        for key in (before, after):
            if key is not None:
                self._tell(key.hash)
                if key.previous_hash is not None:
                    self._tell(key.previous_hash)

    def _tell(self, key_hash: str) -> None:
        for listener in self._listeners:
            listener(key_hash)


def _principal(key: Key, account: Account) -> Principal:
    return Principal(
        tenant=key.tenant,
        actor=Actor("key", key.id),
        scopes=frozenset(key.scopes),
        requests_per_second=key.requests_per_second or account.settings.requests_per_second,
        grant=key.grant,
        networks=key.allowed_networks,
        expires_at=key.expires_at,
    )


def _shown(account: Account) -> dict[str, object]:
    """Amounts as the audit log shows them."""
    settings = msgspec.to_builtins(account.settings)
    if account.settings.credit_limit is not None:
        settings["credit_limit"] = money.to_text(account.settings.credit_limit)
    return {"price_per_segment": money.to_text(account.price_per_segment), "settings": settings}


def _is_due(noted_at: int | None, now: int) -> bool:
    """Whether a use has to be noted. A note from the future is of a clock that was set back."""
    return noted_at is None or not 0 <= now - noted_at < USED_EVERY_MS


async def bootstrap(
    accounts: Accounts, *, name: str, currency: str, price_per_segment: int, with_keys: bool = True
) -> list[NewKey]:
    """Create the operator's account with a live key of every scope and a test key, and load all accounts. Later
    starts create nothing.

    Returns the new keys, live first; their secrets are known only now. `with_keys` False creates no keys: an
    operator who configured an admin key needs no others.
    """
    await accounts.load()
    if any(account.operator for account in accounts.book.values()):
        return []
    try:
        _, keys = await accounts.create(
            name, currency, price_per_segment, live_scopes=ALL_SCOPES, operator=True, with_keys=with_keys
        )
    except Problem:  # another node created it first
        await accounts.load()
        return []
    return keys


async def ensure_admin_key(accounts: Accounts, secret: str) -> NewKey | None:
    """Make `secret` a live key of the operator's account with every scope, unless the key exists.

    A revoked key stays revoked. Raises ValueError if the secret is not allowed. Call `bootstrap` first.
    """
    keys_.check_given(secret)
    if await accounts.find_key(hash_of(secret)) is not None:
        return None
    tenant = Tenant(accounts.operator().id, False)
    try:
        return await accounts.create_key(
            tenant, "admin key", scopes=ALL_SCOPES, secret=secret, actor=SETTINGS
        )
    except Lost:
        return None  # another node created it first
