"""SMPP credentials over both engines: made once, changed as they were read, found on every node."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from random import Random

import pytest

from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.customers.credentials import BOUND_EVERY_MS, SmppCredentials
from onesixty.customers.passwords import Passwords, cost
from onesixty.customers.profile import SmppProfile
from onesixty.store.opening import open_store
from onesixty.store.statements import load
from onesixty.store.units import Unit
from tests.http.world import Clock, new_ids

Open = Callable[[], Awaitable[SmppCredentials]]


@pytest.fixture
async def new_node(engine_url: str) -> AsyncIterator[Open]:
    """A function: the credentials of another node over the same database."""
    clock = Clock()
    passwords = Passwords(os.urandom, cost(memory_kib=64, passes=1))
    stores = []

    async def make() -> SmppCredentials:
        store = await open_store(engine_url, load(["onesixty.customers"]), clock=clock, migrate=not stores)
        stores.append(store)
        return SmppCredentials(store, clock, new_ids(clock), Random(len(stores)).randbytes, passwords)

    yield make
    for store in stores:
        await store.close()
    passwords.close()


@pytest.mark.parametrize("engine_url", ["postgresql"], indirect=True)
async def test_what_one_node_changes_another_learns(new_node: Open) -> None:
    one, other = await new_node(), await new_node()
    made, password = await one.create(Tenant("acc_1", False), "acme", profile=SmppProfile(window=7))
    assert len(password) == 8
    await other.refresh()
    assert other.by_system_id("acme") == made
    heard: list[int] = []
    other.on_change(lambda credential: heard.append(credential.version))
    changed = await one.change_profile(made, SmppProfile(window=8))
    await other.refresh()
    assert heard == [2]
    assert other.book[made.id].profile.window == 8
    with pytest.raises(Problem, match="at the same time"):
        await other.change_profile(made, SmppProfile())  # as it was read before
    await one.revoke(changed)
    await other.refresh()
    assert heard == [2, 3]
    assert other.by_system_id("acme") is None
    assert await other.find("acme") is None


async def test_a_system_id_is_one_of_a_kind_until_it_is_revoked(new_node: Open) -> None:
    credentials = await new_node()
    made, _ = await credentials.create(Tenant("acc_1", True), "acme", profile=SmppProfile())
    with pytest.raises(Problem) as refused:
        await credentials.create(Tenant("acc_2", True), "acme", profile=SmppProfile())
    assert (refused.value.code, refused.value.param) == ("conflict", "system_id")
    await credentials.revoke(made)
    again, _ = await credentials.create(Tenant("acc_2", False), "acme", profile=SmppProfile())
    assert await credentials.find("acme") == again
    assert credentials.by_system_id("acme") == again
    with pytest.raises(Problem) as missing:
        await credentials.rows.get(again.id, Tenant("acc_1", False).setup)
    assert missing.value.code == "not_found"
    assert await credentials.rows.page(10, None, Tenant("acc_2", False).setup) == ([again], None)
    assert (await credentials.rows.page(10, None, Tenant("acc_2", True).setup))[0] == []


async def test_a_rotated_credential_keeps_its_former_password_until_its_end(new_node: Open) -> None:
    credentials = await new_node()
    made, _ = await credentials.create(Tenant("acc_1", False), "acme", profile=SmppProfile())
    now = credentials.rows.now()
    once, _ = await credentials.change_password(made, overlap_seconds=60)
    assert (once.previous_password_hash, once.previous_expires_at) == (made.password_hash, now + 60_000)
    assert once.previous_opens(now + 59_999)
    assert not once.previous_opens(now + 60_000)
    twice, _ = await credentials.change_password(once, overlap_seconds=60)
    assert twice.previous_password_hash == once.password_hash  # the oldest ended
    at_once, _ = await credentials.change_password(twice)
    assert (at_once.previous_password_hash, at_once.previous_expires_at) == (None, None)
    assert await credentials.rows.get(made.id) == at_once


async def test_a_credential_that_has_ended_gets_no_new_password(new_node: Open) -> None:
    credentials = await new_node()
    ends = credentials.rows.now() + 1000
    made, _ = await credentials.create(Tenant("acc_1", False), "acme", profile=SmppProfile(), expires_at=ends)
    assert (await credentials.rows.get(made.id)).expires_at == ends
    assert not made.ended(ends - 1)
    assert made.ended(ends)
    past = await credentials.rows.change(
        made, credentials.with_fields(made, expires_at=credentials.rows.now())
    )
    with pytest.raises(Problem, match="expired"):
        await credentials.change_password(past, overlap_seconds=60)


async def test_the_last_bind_is_written_once_in_ten_minutes(new_node: Open) -> None:
    credentials = await new_node()
    clock = credentials.rows._clock
    assert isinstance(clock, Clock)
    made, _ = await credentials.create(Tenant("acc_1", False), "acme", profile=SmppProfile())

    async def bound(from_: str, *, previous: bool = False) -> tuple[int | None, str | None, int | None]:
        credentials.note_bind(credentials.book[made.id], from_, previous=previous)
        after = Unit(keys=(made.id,), writes=(("smpp_parts_expire", (0,)),))
        assert await credentials._store.commit([after]) == [True]  # nothing waits for the write before it
        found = await credentials.rows.get(made.id)
        return found.last_bind_at, found.last_bind_from, found.previous_bind_at

    first = credentials.rows.now()
    assert await bound("192.0.2.1") == (first, "192.0.2.1", None)
    clock.turn(BOUND_EVERY_MS / 1000 - 1)
    assert await bound("192.0.2.2") == (first, "192.0.2.1", None)
    clock.turn(1)
    second = credentials.rows.now()
    assert await bound("192.0.2.2") == (second, "192.0.2.2", None)
    row = await credentials.rows.get(made.id)
    assert row.version == made.version  # a bind is no change

    rotated, _ = await credentials.change_password(row, overlap_seconds=60)
    assert (rotated.last_bind_at, rotated.previous_bind_at) == (second, None)
    clock.turn(1)
    third = credentials.rows.now()
    assert await bound("192.0.2.3", previous=True) == (second, "192.0.2.2", third)
    again, _ = await credentials.change_password(await credentials.rows.get(made.id), overlap_seconds=60)
    assert again.previous_bind_at is None  # of the password that is the former one now
