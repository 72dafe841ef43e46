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
from typing import Final

import msgspec

from onesixty.accounts import keys as keys_
from onesixty.accounts.account import Account, AccountSettings
from onesixty.accounts.keys import Entropy, Key, NewKey
from onesixty.accounts.tables import ACCOUNTS, KEYS
from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.core.tenant import Tenant
from onesixty.http.auth import KnownKey, hash_of
from onesixty.http.scopes import ALL_SCOPES, TENANT_SCOPES, Principal
from onesixty.store.contract import Store
from onesixty.store.rows import Book, By, Lost, RowEffect, Rows
from onesixty.store.units import Unit

USED_EVERY_MS: Final = 600_000


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
        self.rows = Rows(ACCOUNTS, store, clock, id_source, one="account", effects=effects)
        self.keys = Rows(KEYS, store, clock, id_source, one="key", effects=effects)
        self._book = Book(self.rows)
        #: Every account by id.
        self.book: Mapping[str, Account] = self._book.by_id
        self._operator: str | None = None
        self.rows.on_written(self._account_written)
        self.keys.on_written(self._key_written)

    def on_key_change(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with the hash of each key that is created or revoked in this process."""
        self._listeners.append(listener)

    def currency(self, account_id: str) -> str:
        """The currency of an account."""
        return self.book[account_id].currency

    async def load(self) -> None:
        """Load all accounts. Call once at start, before messages are accepted."""
        await self._book.load()

    def operator(self) -> Account:
        """The operator's account. Raises LookupError if it has not been created yet."""
        if self._operator is None:
            self._operator = next((id_ for id_, account in self.book.items() if account.operator), None)
        if self._operator is None:
            raise LookupError("the database has no account yet")
        return self.book[self._operator]

    # ------------------------------------------------------------ accounts

    def new_account(
        self,
        name: str,
        currency: str,
        price_per_segment: int,
        settings: AccountSettings | None = None,
        *,
        operator: bool = False,
    ) -> Account:
        """A new account."""
        return Account(
            id=self.rows.new_id(),
            name=name,
            currency=currency,
            price_per_segment=price_per_segment,
            settings=settings or AccountSettings(),
            created_at=self.rows.now(),
            operator=operator,
        )

    def first_keys(
        self, account: Account, live_scopes: Sequence[str] = TENANT_SCOPES
    ) -> tuple[list[NewKey], list[Write]]:
        """The first live key and test key of an account, and the writes that create them."""
        keys = [
            self.new_key(Tenant(account.id, False), "first live key", scopes=live_scopes),
            self.new_key(Tenant(account.id, True), "first test key", scopes=TENANT_SCOPES),
        ]
        return keys, [write for made in keys for write in self.keys.inserting(made.key)]

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
    ) -> tuple[Account, list[NewKey]]:
        """Create an account with a live key and a test key, in one transaction.

        `operator` creates the operator's account; raises Problem `conflict` if it exists already.
        """
        account = self.new_account(name, currency, price_per_segment, settings, operator=operator)
        keys, writes = self.first_keys(account, live_scopes) if with_keys else ([], [])
        await self.rows.add(account, writes=writes)
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
        key_id, test, scopes, revoked_at, last_used_at, own_limit, *of_account = rows[0]
        account = ACCOUNTS.read(of_account)
        self._book.note(account)
        if revoked_at is None:
            self._note_use(key_id, last_used_at)
        principal = Principal(
            tenant=Tenant(account.id, bool(test)),
            key_id=key_id,
            scopes=frozenset(msgspec.json.decode(scopes)),
            requests_per_second=own_limit or account.settings.requests_per_second,
        )
        return KnownKey(principal, revoked_at is not None)

    def new_key(
        self,
        tenant: Tenant,
        name: str,
        *,
        scopes: Sequence[str],
        secret: str | None = None,
        requests_per_second: int | None = None,
    ) -> NewKey:
        """A new key. `secret` is given only for a key that the operator chose; without a limit, the limit of the
        account applies.
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
        )
        return NewKey(key, secret)

    async def create_key(
        self, tenant: Tenant, name: str, *, scopes: Sequence[str], secret: str | None = None
    ) -> NewKey:
        """Store a new key."""
        made = self.new_key(tenant, name, scopes=scopes, secret=secret)
        await self.keys.add(made.key)
        return made

    async def list_keys(
        self, tenant: Tenant, *, limit: int, after: str | None
    ) -> tuple[Sequence[Key], str | None]:
        """A page of the keys of a tenant, including revoked ones."""
        return await self.keys.page(limit, after, tenant.setup)

    async def get_key(self, tenant: Tenant, key_id: str) -> Key | None:
        """A key of a tenant."""
        return await self.keys.find(key_id, tenant.setup)

    async def revoke_key(self, tenant: Tenant, key_id: str) -> None:
        """Revoke a key. Raises Problem `not_found`; repeating the call is fine."""
        await self.revoke(await self.keys.get(key_id, tenant.setup))

    async def revoke(self, key: Key, by: By | None = None) -> None:
        """Revoke a key. Repeating the call is fine."""
        if key.revoked_at is None:
            await self.keys.change(key, msgspec.structs.replace(key, revoked_at=self.keys.now()), by=by)

    def _note_use(self, key_id: str, last_used_at: int | None) -> None:
        now = self.keys.now()
        if last_used_at is None or now - last_used_at >= USED_EVERY_MS:
            self._store.commit([Unit(keys=(key_id,), writes=(("key_used", (key_id, now)),))])

    async def _key_written(self, before: Key | None, after: Key | None) -> None:
        key = after or before
        assert key is not None
        self._tell(key.hash)

    def _tell(self, key_hash: str) -> None:
        for listener in self._listeners:
            listener(key_hash)


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
        return await accounts.create_key(tenant, "admin key", scopes=ALL_SCOPES, secret=secret)
    except Lost:
        return None  # another node created it first
