"""Sessions of PostgreSQL: the limits that both ends keep, which hosts are tried, and whose a node may end."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from onesixty.store.pg_connections import IDLE_IN_TRANSACTION, LOCK_TIMEOUT, connect_writer, each_host
from onesixty.store.units import Unavailable, Unit
from tests.store.conftest import OpenStore
from tests.support.postgres import Postgres
from tests.support.waiting import free_port, wait_until_async


@contextlib.asynccontextmanager
async def frozen(url: str) -> AsyncIterator[tuple[Any, int, int]]:
    """A session that locked the row `a` and stands still, with its pid and its start."""
    connection, session = await connect_writer(url)
    try:
        await connection.execute("BEGIN")
        await connection.execute("UPDATE meta SET value = value WHERE key = 'a'")
        yield connection, session.pid, session.started
    finally:
        connection.terminate()


async def test_the_sessions_of_a_node_end_and_their_locks_with_them(
    prepared_url: str, opened: OpenStore
) -> None:
    store = await opened(prepared_url)
    await store.execute("put_cold", key="a", value="1")
    async with frozen(prepared_url) as (connection, pid, started):
        write = store.commit([Unit(("a",), guards=(("swap", ("a", "1", "2")),))])
        assert await store.end_sessions(json.dumps([[pid, started + 1]])) == 0, "a pid that was given again"
        assert await store.end_sessions("[]") == 0
        assert await store.end_sessions(json.dumps([[pid, started]])) == 1
        assert await asyncio.wait_for(write, IDLE_IN_TRANSACTION - 1) == [True]
        await wait_until_async(connection.is_closed, 5, "the end of the session")


async def test_a_store_tells_its_sessions_and_when_they_change(prepared_url: str, opened: OpenStore) -> None:
    store, told = await opened(prepared_url), []
    store.on_sessions(lambda: told.append(store.sessions()))
    await store.execute("put_cold", key="a", value="1")
    assert [len(json.loads(each)) for each in told] == [1]
    other = await opened(prepared_url, migrate=False)
    assert await other.end_sessions(store.sessions()) == 1
    await store.execute("put_cold", key="b", value="1")
    assert len(told) == 2
    assert told[0] != told[1]


async def test_a_session_that_stands_still_in_a_transaction_is_ended_by_the_server(
    prepared_url: str, opened: OpenStore
) -> None:
    """Nobody has fenced its node yet: others wait for its locks for a few seconds, and less than they have."""
    store = await opened(prepared_url)
    await store.execute("put_cold", key="a", value="1")
    async with frozen(prepared_url):
        write = store.commit([Unit(("a",), guards=(("swap", ("a", "1", "2")),))])
        assert await asyncio.wait_for(write, LOCK_TIMEOUT) == [True]
    assert store.healthy


async def test_who_waits_for_a_lock_for_too_long_is_told_and_nobody_else(
    prepared_url: str, opened: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody's psql holds a row: that says nothing about the database."""
    monkeypatch.setattr("onesixty.store.pg_connections._BOUNDED", {"lock_timeout": "300ms"})
    store = await opened(prepared_url)
    await store.execute("put_cold", key="a", value="1")
    holder = await asyncpg.connect(prepared_url)
    try:
        await holder.execute("BEGIN")
        await holder.execute("UPDATE meta SET value = value WHERE key = 'a'")
        (result,) = await store.commit([Unit(("a",), guards=(("swap", ("a", "1", "2")),))])
        assert isinstance(result, Unavailable)
        assert store.healthy
        assert await store.commit([Unit(("b",), writes=(("put", ("b", "")),))]) == [True]
    finally:
        holder.terminate()


async def test_both_ends_of_a_session_notice_a_peer_that_is_gone(prepared_url: str) -> None:
    connection, _ = await connect_writer(prepared_url)
    try:
        ours = connection._transport.get_extra_info("socket")  # type: ignore[attr-defined]
        assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 15_000
        for name in ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count"):
            assert int(await connection.fetchval(f"SHOW {name}")) > 0
        assert await connection.fetchval("SHOW tcp_user_timeout") in ("15s", "15000")
    finally:
        await connection.close()


async def test_of_several_hosts_the_first_that_can_be_written_is_taken(
    postgres_server: Postgres, prepared_url: str
) -> None:
    """A host that is silent, and one that refuses, cost no more than their share."""
    user, _, live = prepared_url.removeprefix("postgresql://").partition("@")
    host, _, database = live.partition("/")
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, and says nothing
        several = f"127.0.0.1:{silent.getsockname()[1]},127.0.0.1:{free_port()},{host}"
        connection, _ = await connect_writer(f"postgresql://{user}@{several}/{database}")
        await connection.close()


def test_a_url_of_several_hosts_is_one_for_each() -> None:
    url = "postgresql://u:p%2C@db1:5432,db2/name?sslmode=require"
    assert each_host(url) == [
        "postgresql://u:p%2C@db1:5432/name?sslmode=require",
        "postgresql://u:p%2C@db2/name?sslmode=require",
    ]
