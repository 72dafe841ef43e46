"""PostgreSQL when connections break: before, during and after COMMIT, and when the server is away."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from onesixty.core.clock import SystemClock
from onesixty.store.contract import Store
from onesixty.store.leases import Lease, fence_others
from onesixty.store.opening import open_store
from onesixty.store.pg_connections import STATEMENT_TIMEOUT
from onesixty.store.postgresql import PostgresqlStore
from onesixty.store.statements import Statements, load
from onesixty.store.units import Result, Unavailable, Unit
from tests.store.conftest import Counts, OpenStore, contents
from tests.support.postgres import PostgresProcess
from tests.support.waiting import wait_until_async


def unit(key: str, value: str = "") -> Unit:
    return Unit((key,), writes=(("put", (key, value)),))


@contextlib.asynccontextmanager
async def admin(url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


class Proxy:
    """A TCP proxy before PostgreSQL that breaks at the next COMMIT, or another `trigger`, in a chosen way.

    after    the server gets the COMMIT, the client never gets the answer
    before   the connection breaks before the server gets the COMMIT
    silent   as before, but the server is not told that the client is gone
    """

    COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self.mode: str | None = None
        self.trigger = self.COMMIT
        self.cuts = 0
        self.passable = asyncio.Event()
        self.passable.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._kept: list[asyncio.StreamWriter] = []
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> "Proxy":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        user = self._target.netloc.rpartition("@")[0]
        self.url = self._target._replace(netloc=f"{user}@127.0.0.1:{port}").geturl()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert self._target.hostname
        await self.passable.wait()
        upstream_reader, upstream = await asyncio.open_connection(self._target.hostname, self._target.port)
        self._writers += [writer, upstream]
        muted = asyncio.Event()
        pumps = [
            asyncio.create_task(self._forward(reader, upstream, writer, muted)),
            asyncio.create_task(self._back(upstream_reader, writer, muted)),
        ]
        for pump in pumps:
            self._tasks.add(pump)
            pump.add_done_callback(self._tasks.discard)

    async def _forward(
        self, reader: asyncio.StreamReader, upstream: asyncio.StreamWriter, client: asyncio.StreamWriter,
        muted: asyncio.Event,
    ) -> None:  # fmt: skip
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                mode = self.mode
                if self.trigger in data and mode is not None:
                    self.mode = None
                    self.cuts += 1
                    muted.set()
                    if mode == "after":
                        upstream.write(data)
                        await upstream.drain()
                    elif mode == "silent":
                        self._kept.append(upstream)
                        client.close()
                        return
                    client.close()
                    break
                upstream.write(data)
                await upstream.drain()
        if upstream not in self._kept:
            upstream.close()

    async def _back(
        self, reader: asyncio.StreamReader, client: asyncio.StreamWriter, muted: asyncio.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if not muted.is_set():
                    client.write(data)
                    await client.drain()
        client.close()


@pytest.fixture
async def proxy(prepared_url: str) -> AsyncIterator[Proxy]:
    async with Proxy(prepared_url) as running:
        yield running


@pytest.mark.parametrize(("mode", "committed"), [("after", True), ("before", False), ("silent", False)])
async def test_a_lost_answer_to_commit_is_settled_before_anybody_is_told(
    proxy: Proxy, opened: OpenStore, mode: str, committed: bool
) -> None:
    """What was answered is on disk, and what was refused is not."""
    store = await opened(proxy.url)
    assert await store.commit([unit("warm")]) == [True]
    proxy.mode = mode
    (result,) = await store.commit([unit("a")])
    assert proxy.cuts == 1
    assert ("a" in await contents(store)) == committed
    if committed:
        assert result is True
    else:
        assert isinstance(result, Unavailable)
    await wait_until_async(lambda: store.healthy, 10, "the store being healthy again")
    assert await store.commit([unit("b")]) == [True]


@pytest.mark.deadline(90)
async def test_a_crashed_server_that_gives_an_id_away_again_is_not_believed(
    own_postgres: PostgresProcess, opened: OpenStore
) -> None:
    """Promise 1: a transaction that never came to the disk of a server that crashed leaves its id to the next
    one, and that one's COMMIT says nothing about it."""
    url = own_postgres.create_database()
    async with Proxy(url) as proxy:
        store = await opened(proxy.url)
        assert await store.commit([unit("warm")]) == [True]
        async with admin(url) as connection:
            last = int(await connection.fetchval("SELECT pg_current_xact_id()::text"))
        proxy.mode = "silent"
        lost = store.commit([unit("a")])
        await wait_until_async(lambda: proxy.cuts == 1, 10, "the lost COMMIT")
        proxy.passable.clear()
        await asyncio.to_thread(own_postgres.stop, signal.SIGQUIT)
        await asyncio.to_thread(own_postgres.start)
        async with admin(url) as connection:
            taken = int(await connection.fetchval("SELECT pg_current_xact_id()::text"))
            assert taken <= last + 2, "the ids after the crash begin where the last one on disk was"
            for _ in range(5):
                await connection.fetchval("SELECT pg_current_xact_id()::text")
        proxy.passable.set()
        (result,) = await lost
        assert isinstance(result, Unavailable)
        await wait_until_async(lambda: store.healthy, 20, "the store being healthy again")
        assert "a" not in await contents(store)
        assert await store.commit([unit("a")]) == [True]


async def test_a_session_that_hangs_in_the_middle_holds_nobody_up(proxy: Proxy, opened: OpenStore) -> None:
    """The network swallowed the connection, and the server does not know: what it had begun keeps its locks."""
    store = await opened(proxy.url)
    await store.execute("put_cold", key="warm", value="")
    proxy.trigger, proxy.mode = b"UPDATE meta SET value", "silent"
    began = asyncio.get_running_loop().time()
    (result,) = await store.commit([Unit(("warm",), guards=(("swap", ("warm", "", "1")),))])
    assert proxy.cuts == 1
    assert result is True
    assert await store.commit([unit("a")]) == [True]
    assert asyncio.get_running_loop().time() - began < STATEMENT_TIMEOUT / 2


async def test_marks_of_commits_are_removed_by_a_stop_and_in_time(
    prepared_url: str, opened: OpenStore
) -> None:
    store = await opened(prepared_url)
    assert await store.commit([unit("a")]) == [True]
    async with admin(prepared_url) as connection:
        count = "SELECT count(*) FROM commit_marks"
        assert await connection.fetchval(count) == 1
        await store.close()
        assert await connection.fetchval(count) == 0
        await connection.execute("INSERT INTO commit_marks VALUES ('of a process that was killed', 7, 0)")
        await opened(prepared_url)
        assert await connection.fetchval(count) == 0


@pytest.mark.parametrize(("mode", "committed"), [("after", True), ("before", False)])
async def test_a_cold_write_with_a_lost_answer_is_settled_too(
    proxy: Proxy, opened: OpenStore, mode: str, committed: bool
) -> None:
    store = await opened(proxy.url)
    await store.execute("put_cold", key="warm", value="")
    proxy.mode = mode
    if committed:
        assert await store.execute("put_cold", key="a", value="1") == [("a", "1")]
    else:
        with pytest.raises(Unavailable):
            await store.execute("put_cold", key="a", value="1")
    assert ("a" in await contents(store)) == committed


async def test_a_connection_that_was_ended_is_replaced_unnoticed(
    prepared_url: str, opened: OpenStore
) -> None:
    store = await opened(prepared_url)
    assert await store.commit([unit("a")]) == [True]
    async with admin(prepared_url) as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert await store.commit([unit("b")]) == [True]
    assert await store.execute("put_cold", key="c", value="") == [("c", "")]
    assert await contents(store) == {"a": "", "b": "", "c": ""}
    assert store.healthy


async def test_reads_do_not_notice_that_their_connections_were_ended(
    prepared_url: str, opened: OpenStore
) -> None:
    store = await opened(prepared_url)
    assert await store.commit([unit("a")]) == [True]
    for _ in range(3):
        await asyncio.gather(*(store.fetch("get", key="a") for _ in range(8)))  # all of the pool
        async with admin(prepared_url) as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        read = await asyncio.gather(*(store.fetch("get", key="a") for _ in range(8)))
        assert read == [[("",)]] * 8


async def ended_in_the_middle(
    store: Store, url: str, meanwhile: Callable[[], None] = lambda: None
) -> list[Result]:
    """The results of a group whose connection was ended, after `meanwhile`, when it waited for a row."""
    assert await store.commit([unit("a", "1")]) == [True]
    async with admin(url) as holder, admin(url) as killer:
        transaction = holder.transaction()
        await transaction.start()
        await holder.execute("UPDATE meta SET value = value WHERE key = 'a'")
        future = store.commit(
            [Unit(("a",), guards=(("swap", ("a", "1", "2")),), writes=(("put", ("b", "")),))]
        )

        async def blocked() -> Any:
            return await killer.fetchval(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )

        pid = await wait_until_async(blocked, 10, "the group waiting for the row")
        meanwhile()
        await killer.execute("SELECT pg_terminate_backend($1)", pid)
        await transaction.rollback()
    return await future


async def test_a_connection_that_is_ended_in_the_middle_of_a_group_is_replaced(
    prepared_url: str, opened: OpenStore
) -> None:
    store = await opened(prepared_url)
    assert await ended_in_the_middle(store, prepared_url) == [True]
    assert await contents(store) == {"a": "2", "b": ""}


async def test_a_group_does_not_run_again_if_an_earlier_one_may_have_been_refused(
    prepared_url: str, opened: OpenStore
) -> None:
    """What a crash leaves on disk is in the order in which it was handed in."""
    store = await opened(prepared_url)
    assert isinstance(store, PostgresqlStore)
    works = asyncio.Event()

    async def probe() -> None:
        await works.wait()

    store._health._probe = probe  # type: ignore[assignment]
    gone = Unavailable("another connection failed")
    assert await ended_in_the_middle(store, prepared_url, lambda: store._health.lost(gone)) == [gone]
    assert await contents(store) == {"a": "1"}
    works.set()
    await wait_until_async(lambda: store.healthy, 10, "the store being well again")
    assert await store.commit([unit("b", "3")]) == [True]


async def test_a_deadlock_is_nobodys_fault(prepared_url: str, opened: OpenStore) -> None:
    store = await opened(prepared_url)
    await store.commit([unit("a", ""), unit("b", "")])
    async with admin(prepared_url) as other:
        transaction = other.transaction()
        await transaction.start()
        await other.execute("UPDATE meta SET value = 'x' WHERE key = 'b'")
        future = store.commit(
            [Unit(("k",), guards=(("swap", ("a", "", "1")),), writes=(("append", ("b", "1")),))]
        )

        async def waiting() -> Any:
            return await other.fetchval(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = "
                "(SELECT oid FROM pg_database WHERE datname = current_database()) OR NOT granted"
            )

        await wait_until_async(waiting, 10, "the group waiting for the row")
        with contextlib.suppress(asyncpg.DeadlockDetectedError):
            await other.execute("UPDATE meta SET value = 'x' WHERE key = 'a'")
            await transaction.commit()
            transaction = None  # the store's side was chosen, and runs again
        if transaction is not None:
            await transaction.rollback()
    (result,) = await future
    assert result in (True, False)
    assert store.healthy


async def test_who_gives_up_in_the_middle_leaves_nothing_half_done(
    prepared_url: str, opened: OpenStore
) -> None:
    """A stop cancels what renews the lease; the connection it used is used again to end the lease."""
    store = await opened(prepared_url)
    await store.execute("put_cold", key="k", value="1")
    async with admin(prepared_url) as other:
        transaction = other.transaction()
        await transaction.start()
        await other.execute("LOCK TABLE meta IN ACCESS EXCLUSIVE MODE")
        given_up = asyncio.create_task(store.execute("put_cold", key="x", value="1"))

        async def is_waiting() -> bool:
            return bool(await other.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"))

        await wait_until_async(is_waiting, 30, "the write to wait for the lock")
        given_up.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await given_up
        await transaction.rollback()
    await store.execute("put_cold", key="y", value="1")
    assert await contents(store) == {"k": "1", "y": "1"}


async def test_two_processes_that_want_one_key_let_one_win(
    prepared_url: str, opened: OpenStore, counts: Counts
) -> None:
    first, second = await opened(prepared_url), await opened(prepared_url, migrate=False)
    for n in range(20):
        guards = [Unit((f"{n}",), guards=(("put_once", (f"{n}", name)),)) for name in ("one", "two")]
        results = await asyncio.gather(first.commit(guards[:1]), second.commit(guards[1:]))
        assert sorted([results[0][0], results[1][0]], key=bool) == [False, True]


async def test_who_fences_a_lease_sees_every_flight_under_it(prepared_url: str, opened: OpenStore) -> None:
    """A flight and the fencing of its lease must not miss each other between two snapshots."""
    statements = load(["onesixty.store", "onesixty.dispatch"])
    store = await opened(prepared_url, statements=statements)
    lease = await Lease.start(store, SystemClock(), "old")
    flight = statements["flight_open"].postgresql
    batch = statements["flight_open"].batch
    assert batch is not None
    assert "FOR KEY SHARE" in batch.guard
    async with admin(prepared_url) as sender, admin(prepared_url) as watcher:
        for number, form in enumerate((flight, batch.sql, batch.guard)):
            row = (f"flt_{number}", lease.id, "car", "[]", 0)
            arguments = row if form == flight else [[value] for value in row]
            transaction = sender.transaction()
            await transaction.start()
            await sender.fetch(form, *arguments)
            fencing = asyncio.create_task(fence_others(store, SystemClock(), mine=0))

            async def waits() -> Any:
                return await watcher.fetchval(
                    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                )

            await wait_until_async(waits, 10, "the fencing waiting for the flight")
            await transaction.commit()
            assert [fenced.id for fenced in await fencing] == [lease.id]
            assert f"flt_{number}" in {
                row[0] for row in await store.fetch("flights_of_lease", lease=lease.id)
            }
            lease = await Lease.start(store, SystemClock(), "old")
    await lease.end()
    late = Unit(("f",), guards=(("flight_open", ("late", lease.id, "car", "[]", 0)),))
    assert await store.commit([late]) == [False]


@pytest.mark.deadline(90)
async def test_the_server_goes_away_and_comes_back(
    own_postgres: PostgresProcess, opened: OpenStore, counts: Counts
) -> None:
    """Everyone is told to try again; what was answered is there after the restart."""
    url = own_postgres.create_database()
    store = await opened(url, observer=counts)
    assert await store.commit([unit("before")]) == [True]
    await asyncio.to_thread(own_postgres.stop)
    (result,) = await store.commit([unit("during")])
    assert isinstance(result, Unavailable)
    assert not store.healthy
    with pytest.raises(Unavailable):
        await store.fetch("get", key="before")
    with pytest.raises(Unavailable):
        await store.execute("put_cold", key="cold", value="")
    await asyncio.to_thread(own_postgres.start)
    await wait_until_async(lambda: store.healthy, 20, "the store being healthy again")
    assert await store.commit([unit("after")]) == [True]
    assert await contents(store) == {"before": "", "after": ""}
    assert counts.healths == [False, True]


@pytest.mark.deadline(90)
async def test_the_server_is_away_at_the_start(
    own_postgres: PostgresProcess, opened: OpenStore, statements: Statements
) -> None:
    """The database is down at the start."""
    url = own_postgres.create_database()
    await asyncio.to_thread(own_postgres.stop)
    with pytest.raises(Unavailable):
        await open_store(url, statements, clock=SystemClock())
    opening = asyncio.create_task(opened(url, patience=30))
    await asyncio.to_thread(own_postgres.start)
    store: Store = await opening
    assert await store.commit([unit("a")]) == [True]


async def test_a_session_that_does_not_wait_for_the_disk_is_told_to(
    prepared_url: str, opened: OpenStore
) -> None:
    """The server's default may be to answer before fsync; ours is not."""
    async with admin(prepared_url) as connection:
        name = urlsplit(prepared_url).path.lstrip("/")
        await connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    store = await opened(prepared_url)
    writer = store._writers[0]  # type: ignore[attr-defined]
    assert await store.commit([unit("a")]) == [True]
    connections = [each._connection for each in store._writers if each._connection]  # type: ignore[attr-defined]
    assert writer is not None
    for connection in connections:
        assert await connection.fetchval("SHOW synchronous_commit") == "on"


async def test_a_wrong_password_or_name_is_said_at_once(prepared_url: str, statements: Statements) -> None:
    missing = urlsplit(prepared_url)._replace(path="/no_such_database").geturl()
    with pytest.raises(Unavailable, match="3D000"):
        await open_store(missing, statements, clock=SystemClock(), patience=30)
