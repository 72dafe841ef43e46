"""SMPP credentials over both engines: made once, changed as they were read, found on every node."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from random import Random

import pytest

from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.customers.credentials import SmppCredentials
from onesixty.customers.passwords import Passwords, cost
from onesixty.customers.profile import SmppProfile
from onesixty.store.opening import open_store
from onesixty.store.statements import load
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
