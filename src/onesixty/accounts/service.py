"""Accounts and keys over the store: make, list, find, revoke, and what the first start makes.

Rules kept here:
- `book` has every account in memory, since intake asks for prices and rights at each message; it is refreshed
  whenever a key of the account is looked up, so a change made on another node arrives within seconds;
- a revocation is told to the listeners (the key ring) once it is on disk;
- the last use of a key is written at most every ten minutes, never waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from onesixty.accounts import account as accounts_
from onesixty.accounts import keys as keys_
from onesixty.accounts.account import Account, AccountSettings
from onesixty.accounts.keys import Entropy, Key, NewKey
from onesixty.core import ids
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.http.auth import KnownKey, hash_of
from onesixty.http.paging import cut
from onesixty.http.scopes import ALL_SCOPES, TENANT_SCOPES, Principal
from onesixty.store.contract import Store
from onesixty.store.units import Poisoned, StoreError, Unit, Write

USED_EVERY_MS: Final = 600_000
#: How often a change begins anew that met another.
CHANGES: Final = 5
#: Sorts after every id.
_LAST: Final = "~"


class Accounts:
    """Accounts and keys of one node."""

    def __init__(self, store: Store, clock: Clock, id_source: IdSource, entropy: Entropy) -> None:
        self._store = store
        self._clock = clock
        self._ids = id_source
        self._entropy = entropy
        self._listeners: list[Callable[[str], None]] = []
        #: Every account by id.
        self.book: dict[str, Account] = {}

    def on_key_change(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with the hash of each key that was made or revoked in this process."""
        self._listeners.append(listener)

    async def load(self) -> None:
        """Fill the book. Once at start, before anything is accepted."""
        for row in await self._store.fetch("account_all"):
            account = accounts_.of_row(row)
            self.book[account.id] = account

    # ------------------------------------------------------------ accounts

    async def create(
        self,
        name: str,
        currency: str,
        price_per_segment: int,
        settings: AccountSettings | None = None,
        *,
        live_scopes: Sequence[str] = TENANT_SCOPES,
        first: bool = False,
        with_keys: bool = True,
    ) -> tuple[Account, list[NewKey]]:
        """A new account with a live and a test key, all on disk or nothing of it.

        `first`: only if no node has made the first account yet; raises Problem `conflict` otherwise.
        """
        account = Account(
            id=self._ids.new(ids.ACCOUNT),
            name=name,
            currency=currency,
            price_per_segment=price_per_segment,
            settings=settings or AccountSettings(),
            created_at=self._clock.now_ms(),
        )
        keys = [
            self._make_key(account.id, "first live key", False, live_scopes, None),
            self._make_key(account.id, "first test key", True, TENANT_SCOPES, None),
        ]
        if not with_keys:
            keys.clear()
        row = (
            account.id,
            name,
            currency,
            price_per_segment,
            accounts_.settings_json(account.settings),
            account.created_at,
        )
        await self._commit(
            Unit(
                keys=(account.id,),
                guards=(("account_first_claim", (account.id,)),) if first else (),
                writes=(("account_insert", row), *(_key_write(key) for key in keys)),
            )
        )
        self.book[account.id] = account
        return account, keys

    async def get(self, account_id: str) -> Account | None:
        """One account, as the store has it."""
        rows = await self._store.fetch("account_get", id=account_id)
        return accounts_.of_row(rows[0]) if rows else None

    async def change(self, account_id: str, change: Callable[[Account], Account]) -> Account:
        """The account as `change` makes it of what the store has; of two changes at once both hold.

        Raises Problem `not_found`, and `conflict` where others keep changing it.
        """
        for _ in range(CHANGES):
            rows = await self._store.fetch("account_get", id=account_id)
            if not rows:
                raise Problem("not_found", "There is no such account.")
            before = accounts_.of_row(rows[0])
            after = change(before)
            row = (account_id, rows[0][1], rows[0][3], rows[0][4], *accounts_.row_of(after))
            unit = Unit(keys=(account_id,), guards=(("account_change", row),))
            (result,) = await self._store.commit([unit])
            if isinstance(result, StoreError):
                raise result
            if result is True:
                self.book[account_id] = after
                for (key_hash,) in await self._store.fetch("key_hashes", account_id=account_id):
                    self._tell(str(key_hash))  # a key's limit may be its account's
                return after
        raise Problem("conflict", "It is being changed by others: read it again.")

    async def first(self) -> Account | None:
        """The account that the first start made; None before it."""
        rows = await self._store.fetch("account_first")
        return accounts_.of_row(rows[0]) if rows else None

    async def list(self, limit: int, after: str | None) -> tuple[Sequence[Account], str | None]:
        """A page of accounts."""
        rows = await self._store.fetch("account_list", after=after or _LAST, most=limit + 1)
        return cut([accounts_.of_row(row) for row in rows], limit, lambda account: account.id)

    # ------------------------------------------------------------ keys

    async def find_key(self, key_hash: str) -> KnownKey | None:
        """A key by the sha256 of its secret: what the key ring asks."""
        rows = await self._store.fetch("key_find", hash=key_hash)
        if not rows:
            return None
        key_id, test, scopes, revoked_at, last_used_at, own_limit, *of_account = rows[0]
        account = accounts_.of_row(tuple(of_account))
        self.book[account.id] = account
        if revoked_at is None:
            self._note_use(key_id, last_used_at)
        principal = Principal(
            account_id=account.id,
            key_id=key_id,
            test=bool(test),
            scopes=frozenset(msgspec.json.decode(scopes)),
            requests_per_second=own_limit or account.settings.requests_per_second,
        )
        return KnownKey(principal, revoked_at is not None)

    async def create_key(
        self,
        account_id: str,
        name: str,
        *,
        test: bool,
        scopes: Sequence[str],
        secret: str | None = None,
        requests_per_second: int | None = None,
    ) -> NewKey:
        """A new key, on disk. `secret` only where the operator gave one; without a limit of its own it has
        that of its account."""
        made = self._make_key(account_id, name, test, scopes, secret)
        made.key.requests_per_second = requests_per_second
        await self._commit(Unit(keys=(made.key.id,), writes=(_key_write(made),)))
        self._tell(hash_of(made.secret))
        return made

    async def list_keys(
        self, account_id: str, *, only_test: bool, limit: int, after: str | None
    ) -> tuple[Sequence[Key], str | None]:
        """A page of an account's keys, revoked ones too."""
        rows = await self._store.fetch(
            "key_list_test" if only_test else "key_list",
            account_id=account_id,
            after=after or _LAST,
            most=limit + 1,
        )
        return cut([keys_.of_row(row) for row in rows], limit, lambda key: key.id)

    async def get_key(self, account_id: str | None, key_id: str) -> Key | None:
        """One key of an account, or of any."""
        rows = await self._store.fetch("key_get", id=key_id, account_id=account_id)
        return keys_.of_row(rows[0]) if rows else None

    async def revoke_key(self, account_id: str | None, key_id: str, *, only_test: bool) -> None:
        """From now on the key opens nothing; None is any account. Raises Problem `not_found`; once more is fine."""
        rows = await self._store.fetch("key_get", id=key_id, account_id=account_id)
        if not rows or (only_test and not rows[0][4]):
            raise Problem("not_found", "There is no such key.")
        await self._store.execute("key_revoke", id=key_id, at=self._clock.now_ms())
        self._tell(str(rows[0][10]))

    def _make_key(
        self, account_id: str, name: str, test: bool, scopes: Sequence[str], secret: str | None
    ) -> NewKey:
        secret = secret or keys_.make_secret(test, self._entropy)
        key = Key(
            id=self._ids.new(ids.KEY),
            account_id=account_id,
            name=name,
            hint=keys_.hint_of(secret),
            test=test,
            scopes=tuple(scopes),
            created_at=self._clock.now_ms(),
        )
        return NewKey(key, secret)

    async def _commit(self, unit: Unit) -> None:
        result = (await self._store.commit([unit]))[0]
        if result is False:
            raise Problem("conflict")
        if isinstance(result, StoreError):
            raise result

    def _note_use(self, key_id: str, last_used_at: int | None) -> None:
        now = self._clock.now_ms()
        if last_used_at is None or now - last_used_at >= USED_EVERY_MS:
            self._store.commit([Unit(keys=(key_id,), writes=(("key_used", (key_id, now)),))])

    def _tell(self, key_hash: str) -> None:
        for listener in self._listeners:
            listener(key_hash)


def _key_write(made: NewKey) -> Write:
    key = made.key
    scopes = msgspec.json.encode(key.scopes).decode()
    row = (
        key.id,
        key.account_id,
        key.name,
        hash_of(made.secret),
        key.hint,
        int(key.test),
        scopes,
        key.requests_per_second,
        key.created_at,
    )
    return "key_insert", row


async def bootstrap(
    accounts: Accounts, *, name: str, currency: str, price_per_segment: int, with_keys: bool = True
) -> list[NewKey]:
    """The first start's account, with a live key of every scope and a test key. Later starts make nothing.

    Gives the keys that were made, live first: the only moment at which their secrets are known. Without `with_keys`
    none is made: where the operator gave an admin key, no other one has to be shown and kept.
    """
    if await accounts.first() is not None:
        return []
    try:
        _, keys = await accounts.create(
            name, currency, price_per_segment, live_scopes=ALL_SCOPES, first=True, with_keys=with_keys
        )
    except Problem:
        return []  # another node was faster
    return keys


async def ensure_admin_key(accounts: Accounts, secret: str) -> NewKey | None:
    """Make `secret` a live key of every scope of the first account, unless it is a key already.

    A revoked one stays revoked. Raises ValueError for what cannot be a key.
    """
    keys_.check_given(secret)
    if await accounts.find_key(hash_of(secret)) is not None:
        return None
    account = await accounts.first()
    if account is None:
        raise ValueError("there is no account yet: bootstrap comes first")
    try:
        return await accounts.create_key(
            account.id, "admin key", test=False, scopes=ALL_SCOPES, secret=secret
        )
    except Poisoned as error:
        if error.conflict:
            return None  # another node was faster
        raise
