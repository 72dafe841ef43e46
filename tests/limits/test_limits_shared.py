"""Rates of callers on several nodes: requests of a key, and the segments of an SMPP credential."""

from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from onesixty.customers.profile import SmppProfile
from onesixty.customers.tables import SmppCredential
from onesixty.doors.smpp.buckets import Buckets
from onesixty.http.limits import DEFAULT_PER_SECOND, RateLimits
from onesixty.limits.shared import FORGET, SharedRates
from onesixty.store.contract import Store
from tests.limits.limit_world import LimitNode, World, open_world

KEY = "key_shared"


@pytest.fixture
async def store(engine_url: str) -> AsyncIterator[Store]:
    opened = await open_world(engine_url)
    yield opened
    await opened.close()


class Door:
    """What a node lets in of one caller."""

    def __init__(self, world: World, node: LimitNode) -> None:
        self.node = node
        self.shared = SharedRates(node.filling, world.clock)
        self.limits = RateLimits(world.clock)

    def passes(self, limit: int) -> bool:
        return self.limits.take(KEY, limit, self.shared.share(KEY, limit))[0]

    async def renew(self) -> None:
        """What a renewal of the lease does."""
        await self.node.filling.divide(self.shared.all())


async def passed(world: World, loads: dict[Door, float], limit: int, seconds: float) -> int:
    """How many requests pass if nodes are asked for so many a second, in steps of 50 ms."""
    count, owed = 0, dict.fromkeys(loads, 0.0)
    for _ in range(int(seconds / 0.05)):
        world.clock.turn(0.05)
        for door, rate in loads.items():
            owed[door] += rate * 0.05
            while owed[door] >= 1:
                owed[door] -= 1
                count += door.passes(limit)
    return count


async def test_requests_of_a_key_are_divided_by_what_nodes_use(store: Store) -> None:
    world = World(store, several=True)
    first, second = [Door(world, await world.start()) for _ in range(2)]
    for loads in ({first: 400.0, second: 400.0}, {first: 400.0, second: 0.0}, {first: 10.0, second: 400.0}):
        for _ in range(4):
            await passed(world, loads, 100, 3)
            for door in (first, second):
                await door.renew()
        count = await passed(world, loads, 100, 4)
        assert 100 * 4 * 0.8 <= count <= 100 * 4 * 1.1 + 1
    await world.end()


async def test_until_it_is_divided_each_node_takes_its_part(store: Store) -> None:
    world = World(store, several=True)
    doors = [Door(world, await world.start()) for _ in range(2)]
    for door in doors:
        await door.renew()  # which tells it how many nodes there are
    await passed(world, dict.fromkeys(doors, 400.0), 100, 1)  # a bucket begins with one second's requests
    assert await passed(world, dict.fromkeys(doors, 400.0), 100, 1) <= 100 * 1.1 + 2
    for door in doors:
        await door.node.filling.stop(())
    await world.end()


async def test_what_is_not_used_is_forgotten_and_a_caller_without_a_limit_is_not_kept(store: Store) -> None:
    world = World(store, several=True)
    door = Door(world, await world.start())
    assert door.shared.share("key_free", DEFAULT_PER_SECOND) == DEFAULT_PER_SECOND
    assert door.shared.all() == []
    assert door.passes(50)
    await door.renew()
    (share,) = await store.fetch("limit_shares")
    assert share[0] == f"{KEY} calls"
    world.clock.turn(FORGET + 1)
    door.shared.forget()
    await door.node.filling.stop(())
    assert (door.shared.all(), await store.fetch("limit_shares")) == ([], [])
    await world.end()


async def test_a_bucket_elsewhere_hears_of_its_shares(store: Store) -> None:
    world = World(store, several=True)
    heard: list[float] = []
    door, other = Door(world, await world.start()), Door(world, await world.start())
    rate = door.shared.watch("smpp_one", 100, heard.append)
    other.shared.watch("smpp_one", 100, lambda share: None)
    for _ in range(3):
        rate.take(300, world.clock.monotonic())
        world.clock.turn(3)
        for one in (other, door):
            await one.renew()
    assert heard[-1] == rate.share
    assert 90 <= heard[-1] <= 110
    world.clock.turn(FORGET + 1)
    door.shared.forget()
    assert door.shared.all() == [rate], "it stays as long as its bucket"
    await world.end()


async def test_a_credential_whose_rate_others_have_waits(store: Store) -> None:
    """A share of 0 is not taken for a rate without a limit."""
    world = World(store, several=True)
    door = Door(world, await world.start())
    door.shared.watch("smpp_one", 10, lambda share: None)
    await door.renew()
    await world.crash(door.node)  # its row is still there
    other = Door(world, await world.start())
    buckets = Buckets(world.clock, other.shared)
    credential = SmppCredential(
        id="smpp_one",
        account_id="acc_one",
        system_id="one",
        test=False,
        password_hash="",
        profile=SmppProfile(rate=10),
        created_at=0,
        changed_at=0,
    )
    bucket = buckets.of(credential)
    await other.renew()
    assert [rate.share for rate in other.shared.all()] == [0]
    now = world.clock.monotonic()
    bucket.take(now, 10)
    assert bucket.wait(now) > 0
    await other.node.filling._rows.drop_shares()
    await other.renew()
    world.clock.turn(1)
    assert bucket.wait(world.clock.monotonic()) == 0
    buckets.change(replace(credential, profile=SmppProfile(rate=0)))
    bucket.take(now, 10**6)
    assert bucket.wait(now) == 0, "a profile without a rate has no limit"
    await other.node.filling.stop(())
    await world.end()
