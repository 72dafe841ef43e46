"""Accounts and keys over the store: the first start, making, finding and revoking."""

import asyncio
import re
from collections.abc import Callable
from random import Random

import pytest

from onesixty.accounts import Accounts, bootstrap, ensure_admin_key
from onesixty.accounts.keys import hint_of, make_secret
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.core.tenant import Tenant
from onesixty.http.auth import KeyRing, hash_of
from onesixty.http.scopes import ALL_SCOPES, TEST_SCOPES
from tests.accounts.conftest import Office
from tests.support.waiting import wait_until_async

FIRST = {"name": "default", "currency": "EUR", "price_per_segment": 7500}


async def test_the_first_start_makes_an_account_with_a_live_and_a_test_key(
    office_on_each_engine: Office,
) -> None:
    accounts = office_on_each_engine.accounts
    live, test = await bootstrap(accounts, **FIRST)
    assert re.fullmatch(r"os_live_[0-9A-Za-z]{38}", live.secret)
    assert re.fullmatch(r"os_test_[0-9A-Za-z]{38}", test.secret)
    assert set(live.key.scopes) == set(ALL_SCOPES)
    assert set(test.key.scopes) == set(TEST_SCOPES)
    known = await accounts.find_key(hash_of(live.secret))
    assert known is not None
    assert (known.principal.key_id, known.principal.test, known.refusal) == (live.key.id, False, None)
    account = accounts.book[known.principal.account_id]
    assert (account.name, account.currency, account.price_per_segment) == ("default", "EUR", 7500)
    assert await bootstrap(accounts, **FIRST) == [], "later starts make nothing"


async def test_of_many_first_starts_at_once_one_makes_the_account(office_on_each_engine: Office) -> None:
    office = office_on_each_engine
    nodes = [
        Accounts(office.store, office.clock, IdSource(office.clock, Random(seed)), Random(seed).randbytes)
        for seed in range(5)
    ]
    made = await asyncio.gather(*(bootstrap(node, **FIRST) for node in nodes))
    assert sorted(len(keys) for keys in made) == [0, 0, 0, 0, 2]
    (only,) = await office.accounts.rows.all()
    assert only.operator
    assert [node.operator() for node in nodes] == [only] * 5


async def test_the_operators_account_is_one_by_its_role(office_on_each_engine: Office) -> None:
    office = office_on_each_engine
    older, _ = await office.accounts.create("older", "EUR", 1)
    with pytest.raises(LookupError):
        office.accounts.operator()
    live, _ = await bootstrap(office.accounts, **FIRST)
    assert office.accounts.operator().id == live.key.account_id != older.id
    with pytest.raises(Problem) as refused:
        await office.accounts.create("second", "EUR", 1, operator=True)
    assert (refused.value.code, refused.value.param) == ("conflict", "operator")


async def test_the_operators_own_key_is_made_once(office_on_each_engine: Office) -> None:
    accounts = office_on_each_engine.accounts
    with pytest.raises(LookupError, match="no account"):
        await ensure_admin_key(accounts, "correct-horse-battery")
    await bootstrap(accounts, **FIRST)
    made = await ensure_admin_key(accounts, "correct-horse-battery")
    assert made is not None
    assert made.key.hint == "...tery"
    assert await ensure_admin_key(accounts, "correct-horse-battery") is None
    known = await accounts.find_key(hash_of("correct-horse-battery"))
    assert known is not None
    assert known.principal.scopes == frozenset(ALL_SCOPES)
    assert not known.principal.test


@pytest.mark.parametrize(
    "secret",
    ["short", "x" * 15, "x" * 513, "with a space in it", "ünïcödé-ünïcödé-ü", "tab\tinside-of-the-key"],
)
async def test_what_cannot_be_a_key_is_refused(office: Office, secret: str) -> None:
    with pytest.raises(ValueError, match="a key"):
        await ensure_admin_key(office.accounts, secret)


async def test_the_book_holds_every_account_after_a_start(office: Office) -> None:
    await bootstrap(office.accounts, **FIRST)
    other, _ = await office.accounts.create("other", "USD", 10)
    fresh = Accounts(office.store, office.clock, office.ids, Random(1).randbytes)
    await fresh.load()
    assert set(fresh.book) == set(office.accounts.book)
    assert fresh.book[other.id] == other


async def test_a_revoked_key_opens_nothing_at_once(office_on_each_engine: Office) -> None:
    office = office_on_each_engine
    accounts = office.accounts
    live, _ = await bootstrap(accounts, **FIRST)
    ring = KeyRing(accounts.find_key, office.clock)
    accounts.on_key_change(ring.forget)
    key_hash = hash_of(live.secret)
    principal = await ring.get(key_hash)
    await accounts.revoke_key(Tenant(principal.account_id, False), live.key.id)
    with pytest.raises(Problem, match="key_revoked"):
        await ring.get(key_hash)
    await accounts.revoke_key(Tenant(principal.account_id, False), live.key.id)  # once more is fine
    key = await accounts.get_key(Tenant(principal.account_id, False), live.key.id)
    assert key is not None
    assert key.revoked_at == office.clock.now_ms()


async def test_keys_of_other_accounts_are_not_there(office: Office) -> None:
    live, test = await bootstrap(office.accounts, **FIRST)
    other, _ = await office.accounts.create("other", "EUR", 1)
    assert await office.accounts.get_key(Tenant(other.id, False), live.key.id) is None
    with pytest.raises(Problem, match="not_found"):
        await office.accounts.revoke_key(Tenant(other.id, False), live.key.id)
    with pytest.raises(Problem, match="not_found"):
        await office.accounts.revoke_key(Tenant(live.key.account_id, True), live.key.id)
    await office.accounts.revoke_key(Tenant(test.key.account_id, True), test.key.id)


async def test_keys_come_by_page(office: Office) -> None:
    live, _ = await bootstrap(office.accounts, **FIRST)
    account_id = live.key.account_id
    for number in range(3):
        await office.accounts.create_key(Tenant(account_id, True), f"key {number}", scopes=["keys"])
    names: list[str] = []
    after = None
    for _ in range(3):
        page, after = await office.accounts.list_keys(Tenant(account_id, False), limit=2, after=after)
        names += [key.name for key in page]
    assert names == ["key 2", "key 1", "key 0", "first test key", "first live key"]
    assert after is None
    page, after = await office.accounts.list_keys(Tenant(account_id, True), limit=4, after=None)
    assert len(page) == 4
    assert after is None
    assert all(key.test for key in page)


async def test_the_last_use_is_noted_now_and_then(office: Office) -> None:
    live, _ = await bootstrap(office.accounts, **FIRST)
    key_hash = hash_of(live.secret)

    written: list[int] = []
    office.store.subscribe("key_used", lambda rows: written.extend(row[1] for row in rows))
    ring = KeyRing(office.accounts.find_key, office.clock)
    await ring.get(key_hash, "192.0.2.1")
    await wait_until_async(lambda: written, what="the first use")
    office.clock.turn(599)
    await ring.get(key_hash, "192.0.2.2")
    office.clock.turn(5)
    await ring.get(key_hash, "192.0.2.3")
    await wait_until_async(lambda: len(written) >= 2, what="the second use")
    now = office.clock.now_ms()
    assert written == [now - 604_000, now]
    key = await office.accounts.get_key(Tenant(live.key.account_id, False), live.key.id)
    assert key is not None
    assert (key.last_used_at, key.last_used_from) == (now, "192.0.2.3")


async def test_the_last_use_of_the_former_secret_is_that_of_the_last_rotation(
    office_on_each_engine: Office,
) -> None:
    office = office_on_each_engine
    accounts = office.accounts
    first, _ = await bootstrap(accounts, **FIRST)
    once = accounts.rotated(first.key, 600)
    await accounts.keys.change(first.key, once.key)
    known = await accounts.find_key(hash_of(first.secret))
    assert known is not None
    assert known.used is not None
    known.used("192.0.2.1")

    async def used() -> bool:
        return (await accounts.keys.get(first.key.id)).previous_used_at is not None

    await wait_until_async(used, what="the note of the use")
    twice = accounts.rotated(await accounts.keys.get(first.key.id), 600)
    await accounts.keys.change(await accounts.keys.get(first.key.id), twice.key)
    assert not await used(), "nobody has used the secret that is the former one now"


def test_secrets_use_every_character_alike() -> None:
    entropy: Callable[[int], bytes] = Random(3).randbytes
    counted = dict.fromkeys("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 0)
    for _ in range(500):
        secret = make_secret(False, entropy)
        assert len(secret) == 46
        for character in secret.removeprefix("os_live_")[:32]:
            counted[character] += 1
    assert min(counted.values()) > 150  # 258 each on the average
    assert max(counted.values()) < 400


def test_a_hint_shows_the_end_of_a_key_only() -> None:
    assert hint_of("os_test_0123456789abcdefghijklmnopqrstuv") == "os_test_...stuv"
    assert hint_of("correct-horse-battery") == "...tery"
