"""Accounts and keys directly in the database, for `onesixty key --local` and `onesixty init`."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import msgspec

from onesixty.accounts import Accounts, Key, NewKey, bootstrap, ensure_admin_key
from onesixty.accounts.key_bodies import key_view
from onesixty.audit_log.recording import Recording
from onesixty.cli.console import MISUSED, fail, read_settings
from onesixty.cli.database import run
from onesixty.core import money
from onesixty.core.actor import CLI
from onesixty.core.clock import SystemClock, system_random
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.core.tenant import Tenant
from onesixty.http.scopes import SCOPES, TENANT_SCOPES, TEST_SCOPES
from onesixty.ops.settings import Settings
from onesixty.sealing.opening import open_keyring
from onesixty.sealing.source import SecretError, Source
from onesixty.store.contract import Store
from onesixty.store.rows import RowEffect

T = TypeVar("T")

_FEATURES: Final = ("onesixty.accounts", "onesixty.sealing", "onesixty.audit_log")
_PAGE: Final = 200


def create(name: str, *, test: bool, scopes: list[str] | None) -> dict[str, Any]:
    """Create a key of the operator's account. Returns it with its secret, as the API shows it."""
    for scope in scopes or ():
        if scope not in SCOPES:
            fail(f"unknown scope {scope!r}; the scopes are {', '.join(SCOPES)}", MISUSED)
        if test and scope not in TEST_SCOPES:
            fail(f"the scope {scope} needs a live key", MISUSED)

    async def work(accounts: Accounts) -> dict[str, Any]:
        default = TEST_SCOPES if test else TENANT_SCOPES
        made = await accounts.create_key(
            Tenant(await _operator(accounts), test),
            name,
            scopes=list(dict.fromkeys(scopes or default)),
            actor=CLI,
        )
        return {**_shown(made.key), "secret": made.secret}

    return _run(work)


def everyone() -> list[dict[str, Any]]:
    """Return all keys of the operator's account, as the API shows them."""

    async def work(accounts: Accounts) -> list[dict[str, Any]]:
        tenant = Tenant(await _operator(accounts), False)
        found: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            keys, after = await accounts.list_keys(tenant, limit=_PAGE, after=after)
            found += [_shown(key) for key in keys]
            if after is None:
                return found

    return _run(work, writes=False)


def with_hash(key_hash: str) -> list[dict[str, Any]]:
    """Return the key of any account whose secret has this SHA-256, as the API shows it: one or none."""

    async def work(accounts: Accounts) -> list[dict[str, Any]]:
        return [_shown(key) for key in await accounts.keys_with(key_hash)]

    return _run(work, writes=False)


def revoke(key_id: str) -> None:
    """Revoke a key, so that it grants no access any more."""

    async def work(accounts: Accounts) -> None:
        await accounts.revoke_key(Tenant(await _operator(accounts), False), key_id, CLI)

    _run(work)


def first_keys(settings: Settings) -> list[NewKey]:
    """Make the operator's account and its first keys. Returns no keys if they were made before."""

    async def work(accounts: Accounts) -> list[NewKey]:
        made = await bootstrap(
            accounts,
            name="default",
            currency=settings.billing_currency,
            price_per_segment=money.from_text(str(settings.billing_price_per_segment)),
            with_keys=settings.admin_key is None,
        )
        if settings.admin_key is not None:
            await ensure_admin_key(accounts, settings.admin_key.get_secret_value())
        return made

    return _run(work, settings)


def _shown(key: Key) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(key_view(key, SystemClock().now_ms()))
    return shown


def _run(
    work: Callable[[Accounts], Awaitable[T]], settings: Settings | None = None, *, writes: bool = True
) -> T:
    """Run `work`. If it `writes`, the audit log gets its changes, signed under the instance secret."""
    settings = settings or read_settings()
    source = Source.of(settings)

    async def with_store(store: Store) -> T:
        clock = SystemClock()
        ids = IdSource(clock, system_random())
        effects: list[RowEffect] = []
        if writes:
            keyring = await open_keyring(store, source, clock, ())
            effects.append(Recording(store, clock, ids, secrets.token_bytes, keyring).effect)
        return await work(Accounts(store, clock, ids, secrets.token_bytes, effects))

    try:
        return run(settings, _FEATURES, with_store)
    except (Problem, ValueError, SecretError) as error:
        fail(str(error))


async def _operator(accounts: Accounts) -> str:
    await accounts.load()
    try:
        return accounts.operator().id
    except LookupError:
        fail("the database has no account yet: run `onesixty init` or `onesixty serve` first")
