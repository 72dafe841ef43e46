"""Leases: who lives, and what is whose. On both engines."""

import asyncio

import pytest

from onesixty.store.contract import Store
from onesixty.store.leases import MARGIN_MS, SLACK_MS, TTL_MS, Lease, fence_expired, fence_others
from tests.support.clock import ManualClock

#: How far from a bound the tests stay: on PostgreSQL the server's clock runs on meanwhile.
DISTANCE = 4000


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


async def pass_time(store: Store, clock: ManualClock, ms: int) -> None:
    """Let time pass, for the node and for the server: its clock is real, so the leases come nearer instead."""
    clock.ms += ms
    if store.dialect == "postgresql":
        await store.execute("age_leases", ms=ms)


async def test_each_start_has_a_larger_id(store: Store, clock: ManualClock) -> None:
    first = await Lease.start(store, clock, "a")
    await first.end()
    second = await Lease.start(store, clock, "a")
    assert second.id > first.id
    assert not first.held()
    assert first.claim() == 0
    assert second.claim() == second.id


async def test_starts_at_once_have_different_ids(store: Store, clock: ManualClock) -> None:
    leases = await asyncio.gather(*(Lease.start(store, clock, f"n{n}") for n in range(5)))
    assert len({lease.id for lease in leases}) == 5


async def test_its_holder_stops_before_others_take_over(store: Store, clock: ManualClock) -> None:
    lease, other = await Lease.start(store, clock, "a"), await Lease.start(store, clock, "b")
    await pass_time(store, clock, TTL_MS - MARGIN_MS - 1)
    assert lease.held()
    assert await other.renew()
    await pass_time(store, clock, 1)
    assert not lease.held()
    await pass_time(store, clock, MARGIN_MS + SLACK_MS - DISTANCE)
    assert await fence_expired(store, clock, mine=other.id) == []
    await pass_time(store, clock, DISTANCE)
    assert [each[:2] for each in await fence_expired(store, clock, mine=other.id)] == [(lease.id, "a")]
    assert await fence_expired(store, clock, mine=other.id) == []
    assert not await lease.renew()


async def test_a_renewed_lease_goes_on(store: Store, clock: ManualClock) -> None:
    lease = await Lease.start(store, clock, "a")
    for _ in range(5):
        await pass_time(store, clock, TTL_MS // 3)
        assert await lease.renew()
        assert lease.held()
    assert await fence_expired(store, clock, mine=0) == []


async def test_a_lease_that_ran_out_goes_on_unless_it_was_fenced(store: Store, clock: ManualClock) -> None:
    """The database was away for longer than a lease lasts: nobody took over, so all is still as it was."""
    lease, other = await Lease.start(store, clock, "a"), await Lease.start(store, clock, "b")
    await pass_time(store, clock, 2 * TTL_MS)
    assert not lease.held()
    assert await lease.renew()
    assert lease.held()
    assert [each[:2] for each in await fence_expired(store, clock, mine=lease.id)] == [(other.id, "b")]
    assert not await other.renew()
    assert not other.held()


async def test_the_owner_of_the_database_fences_all_others(store: Store, clock: ManualClock) -> None:
    old = await Lease.start(store, clock, "old")
    new = await Lease.start(store, clock, "new")
    assert [each[:2] for each in await fence_others(store, clock, mine=new.id)] == [(old.id, "old")]
    assert await new.renew()
    assert not await old.renew()


async def test_a_node_whose_clock_is_ahead_takes_over_from_nobody(store: Store, clock: ManualClock) -> None:
    """The server's clock decides, so a wall clock that jumps by an hour neither fences nor protects anybody."""
    if store.dialect == "sqlite":
        pytest.skip("a SQLite file has one node")
    ahead = ManualClock()
    ahead.ms = clock.ms + 3_600_000
    lease, other = await Lease.start(store, clock, "a"), await Lease.start(store, ahead, "b")
    assert await fence_expired(store, ahead, mine=other.id) == []
    assert await other.renew()
    await pass_time(store, clock, TTL_MS + SLACK_MS)
    assert await lease.renew()
    assert [each.id for each in await fence_expired(store, clock, mine=lease.id)] == [other.id]
