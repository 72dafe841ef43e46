"""PostgreSQL with a synchronous standby: what is answered is on both, whatever happens to a COMMIT that waits."""

import asyncio
import signal
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from onesixty.store.contract import Store
from onesixty.store.unanswered import STALLED
from onesixty.store.units import Unavailable, Unit
from tests.store.conftest import OpenStore, contents
from tests.support.postgres import PostgresProcess
from tests.support.standby import StandbyProcess
from tests.support.waiting import wait_until_async

WAITS = "wait_event = 'SyncRep' AND application_name = 'onesixty'"


def unit(key: str) -> Unit:
    return Unit((key,), writes=(("put", (key, "")),))


class Pair:
    """A primary, its synchronous standby, and a store on the two."""

    def __init__(self, primary: PostgresProcess, standby: StandbyProcess, store: Store, admin: Any) -> None:
        self.primary = primary
        self.standby = standby
        self.store = store
        self.admin = admin

    async def waiting(self, count: int = 1) -> None:
        """Until this many sessions of ours wait for the standby."""
        asked = f"SELECT count(*) FROM pg_stat_activity WHERE {WAITS}"

        async def seen() -> bool:
            return bool(await self.admin.fetchval(asked) >= count)

        await wait_until_async(seen, 20, "a COMMIT that waits for the standby")

    async def seen_on_the_primary(self, key: str) -> bool:
        return bool(await self.admin.fetchval("SELECT count(*) FROM meta WHERE key = $1", key))

    async def fail_over(self) -> None:
        """The primary is gone for good, and the standby takes its place."""
        await asyncio.to_thread(self.primary.stop, signal.SIGQUIT)
        if not self.standby.running:
            await asyncio.to_thread(self.standby.start)
        await asyncio.to_thread(self.standby.promote)
        await wait_until_async(lambda: self.store.healthy, 30, "the store on the new primary")


@pytest.fixture
async def pair(
    own_postgres: PostgresProcess, own_standby: StandbyProcess, opened: OpenStore
) -> AsyncIterator[Pair]:
    database = own_postgres.create_database()
    await asyncio.to_thread(own_standby.follow, synchronous=True)
    store = await opened(own_standby.both(database))
    assert await store.commit([unit("before")]) == [True]
    admin = await asyncpg.connect(database)
    yield Pair(own_postgres, own_standby, store, admin)
    admin.terminate()


@pytest.mark.deadline(120)
@pytest.mark.parametrize("means", ["pg_cancel_backend", "pg_terminate_backend"])
async def test_a_commit_that_waits_for_its_standby_is_answered_when_that_has_it(
    pair: Pair, means: str
) -> None:
    """A wait that is broken off makes the commit visible on the primary, and proves nothing."""
    await asyncio.to_thread(pair.standby.stop, signal.SIGQUIT)
    waits = pair.store.commit([unit("a")])
    await pair.waiting()
    await pair.admin.execute(f"SELECT {means}(pid) FROM pg_stat_activity WHERE {WAITS}")
    await wait_until_async(lambda: pair.seen_on_the_primary("a"), 10, "the commit, seen on the primary")
    await pair.waiting()  # a commit that shall prove it
    await wait_until_async(lambda: not pair.store.healthy, STALLED + 5, "the store being unhealthy")
    (refused,) = await pair.store.commit([unit("b")])
    assert isinstance(refused, Unavailable)
    assert not waits.done()
    await asyncio.to_thread(pair.standby.start)
    assert await asyncio.wait_for(waits, 30) == [True]
    await wait_until_async(lambda: pair.store.healthy, 20, "the store being healthy again")
    assert pair.store.unanswered() == 0
    assert await pair.store.commit([unit("c")]) == [True]
    await pair.fail_over()
    assert set(await contents(pair.store)) == {"before", "a", "c"}


@pytest.mark.deadline(120)
async def test_what_only_a_primary_had_that_is_gone_was_not_committed(pair: Pair) -> None:
    await asyncio.to_thread(pair.standby.stop, signal.SIGQUIT)
    waits = pair.store.commit([unit("a")])
    cold = asyncio.create_task(pair.store.execute("put_cold", key="cold", value=""))
    await pair.waiting(2)
    await pair.admin.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {WAITS}")
    await wait_until_async(lambda: pair.seen_on_the_primary("a"), 10, "the commit, seen on the primary")
    await pair.fail_over()
    (result,) = await asyncio.wait_for(waits, 30)
    assert isinstance(result, Unavailable)
    with pytest.raises(Unavailable):
        await asyncio.wait_for(cold, 30)
    assert set(await contents(pair.store)) == {"before"}
    assert await pair.store.commit([unit("a")]) == [True]


@pytest.mark.deadline(120)
async def test_who_gives_up_a_commit_that_waits_does_not_break_off_its_wait(pair: Pair) -> None:
    """A caller of a cold write goes away: to cancel the statement would make it visible on the primary alone."""
    await asyncio.to_thread(pair.standby.stop, signal.SIGQUIT)
    cold = asyncio.create_task(pair.store.execute("put_cold", key="cold", value=""))
    await pair.waiting()
    cold.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cold
    again = pair.store.commit([unit("a")])
    await pair.waiting(2)
    await pair.store.end_sessions(pair.store.sessions())  # nor does a node that takes over
    assert not await pair.seen_on_the_primary("cold")
    await asyncio.to_thread(pair.standby.start)
    assert await asyncio.wait_for(again, 30) == [True]
    # The standby has both. When each is seen is up to its own session on the primary.
    await wait_until_async(lambda: pair.seen_on_the_primary("cold"), 30, "the cold write")
