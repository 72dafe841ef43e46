"""A node's lease while the database comes and goes: who is fenced when, and what is settled after."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from onesixty.store.lease_keeper import LeaseKeeper
from onesixty.store.leases import TTL_MS
from onesixty.store.units import Unavailable
from tests.support.clock import ManualClock
from tests.support.waiting import wait_until_async

MINE = 7


class Database:
    """The store as a keeper sees it: `away`, with our lease `fenced`, or with `dead` nodes to take over."""

    dialect = "postgresql"

    def __init__(self) -> None:
        self.away = False
        self.fenced = False
        self.dead: list[tuple[int, str, str]] = []
        self.asked: list[str] = []
        self.ended: list[str] = []
        self.slow: asyncio.Event | None = None
        self._listeners: list[Any] = []

    def on_health(self, listener: Any) -> None:
        self._listeners.append(listener)

    def on_sessions(self, listener: Any) -> None:
        self._listeners.append(lambda _: listener())

    def on_changes(self, listener: Any) -> None:
        self.changed = listener

    def sessions(self) -> str:
        return "[[1, 2]]"

    async def end_sessions(self, sessions: str) -> int:
        self.asked.append("end_sessions")
        self.ended.append(sessions)
        return 1

    def tell(self) -> None:
        for listener in self._listeners:
            listener(True)

    async def execute(self, statement: str, **_: object) -> list[tuple[Any, ...]]:
        self.asked.append(statement)
        if self.slow is not None and statement == "lease_renew":
            await self.slow.wait()
        if self.away:
            raise Unavailable("away")
        match statement:
            case "lease_start":
                return [(MINE,)]
            case "lease_renew":
                return [] if self.fenced else [(MINE,)]
            case "leases_fence":
                found, self.dead = self.dead, []
                return found
            case _:
                return []


class World:
    """A keeper, and what it called."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.store = Database()
        self.calls: list[str] = []
        self.failures = 0
        self.refresh_failures = 0
        self.held_up: asyncio.Event | None = None
        self.keeper = LeaseKeeper(
            self.store,  # type: ignore[arg-type]
            self.clock,
            recover=self._recover,
            refresh=self._refresh,
            lost=lambda: self.calls.append("lost"),
            regained=lambda: self.calls.append("regained"),
        )

    async def _recover(self) -> None:
        self.calls.append("recover")
        if self.held_up is not None:
            await self.held_up.wait()
        if self.failures:
            self.failures -= 1
            raise RuntimeError("recovery failed")

    async def _refresh(self) -> None:
        if self.refresh_failures:
            self.refresh_failures -= 1
            raise Unavailable("away")
        self.calls.append("refresh")

    async def live(self, ms: int) -> None:
        """Let time pass in which it renews."""
        for _ in range(0, ms, TTL_MS // 3):
            self.clock.ms += TTL_MS // 3
            await self.look()

    async def look(self) -> None:
        """Have it renew, and wait until it has tried."""
        renewals = self.store.asked.count("lease_renew")
        self.store.tell()
        await wait_until_async(lambda: self.store.asked.count("lease_renew") > renewals, what="a renewal")
        for _ in range(10):
            await asyncio.sleep(0)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    await world.keeper.start("here")
    world.keeper.keep()
    await world.look()
    world.calls.clear()
    world.store.asked.clear()
    yield world
    await world.keeper.end()


async def test_an_outage_longer_than_a_lease_ends_nobody(world: World) -> None:
    """Nodes reconnect. What this node claimed is its own while nobody fenced it."""
    world.store.away = True
    world.clock.ms += 2 * TTL_MS
    await world.look()
    assert not world.keeper.held()
    assert world.calls == []
    world.store.away = False
    await world.look()
    assert world.keeper.held()
    assert world.calls == ["regained", "recover", "refresh"]


async def test_after_an_outage_the_others_get_time_to_come_back(world: World) -> None:
    world.store.away = True
    await world.look()
    world.store.away, world.store.dead = False, [(3, "there", "[[7, 8]]")]
    world.store.asked.clear()
    await world.look()
    assert "leases_fence" not in world.store.asked
    await world.live(TTL_MS)
    assert "leases_fence" in world.store.asked
    assert "recover" in world.calls


async def test_what_ended_leases_left_is_looked_for_at_every_renewal(world: World) -> None:
    """Also where nobody was fenced: a node that stopped in order left a lane, and a fenced one may still accept."""
    world.failures = 2
    for _ in range(4):
        await world.look()
    assert world.calls.count("recover") == 4
    assert world.calls.count("refresh") == 2, "it is no reason to stop that it did not work"
    assert "lost" not in world.calls


async def test_a_fenced_node_stops(world: World) -> None:
    world.store.fenced = True
    await world.look()
    assert not world.keeper.held()
    assert world.calls == ["lost"]


async def test_a_takeover_that_is_held_up_does_not_hold_up_the_renewals(world: World) -> None:
    """A frozen node's locks hold up what settles it; that is no reason to lose a lease of one's own."""
    world.store.dead, world.held_up = [(3, "there", "[[7, 8]]")], asyncio.Event()
    await world.look()
    assert world.calls == ["recover"]
    await world.live(2 * TTL_MS)
    assert world.keeper.held()
    world.held_up.set()
    await world.look()
    assert "refresh" in world.calls


async def test_the_sessions_of_a_fenced_node_are_ended_before_it_is_settled(world: World) -> None:
    world.store.dead = [(3, "there", "[[7, 8]]")]
    await world.look()
    assert world.store.ended == ["[[7, 8]]"]
    assert world.store.asked.index("leases_fence") < world.store.asked.index("end_sessions")
    assert world.calls == ["recover", "refresh"]


async def test_who_renewed_too_late_spares_the_others(world: World) -> None:
    """Everybody's commits waited for a standby: the first to be answered must not fence the second."""
    world.store.slow, world.store.dead = asyncio.Event(), [(3, "there", "[[7, 8]]")]
    await world.look()
    world.clock.ms += 2 * TTL_MS
    world.store.slow.set()
    await world.look()
    assert world.keeper.held()
    assert "leases_fence" not in world.store.asked
    await world.live(TTL_MS)
    assert "leases_fence" in world.store.asked


async def test_what_another_node_changed_is_taken_over_at_once_even_after_a_failure(world: World) -> None:
    world.store.changed()
    await wait_until_async(lambda: world.calls == ["refresh"], what="a refresh between two renewals")
    world.refresh_failures = 1
    world.store.changed()
    await wait_until_async(lambda: not world.refresh_failures, what="a refresh that fails")
    world.store.changed()
    await wait_until_async(lambda: world.calls == ["refresh"] * 2, what="the next one")
    assert "lease_renew" not in world.store.asked
