"""Sessions of PostgreSQL: which server they connect to, and the limits that both ends keep.

Rules kept here:
- if the URL names several hosts, they are tried in order, and only a server that accepts writes is taken. After
  a failover that is the promoted standby;
- if a client hangs in the middle of a transaction, the server ends its session, so that its locks delay other
  nodes for a short time only. A statement waits for a lock, and runs, for a bounded time;
- a peer that disappears silently is noticed on both ends, by keepalives and by a limit for unacknowledged data;
- a COMMIT has no limit on either end. A COMMIT that waits for a synchronous standby must not be cancelled: a
  cancelled wait makes the transaction visible although only the primary has it;
- COMMIT answers only when its data is on disk, whatever the server's default is.
"""

from __future__ import annotations

import socket
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import urlsplit

import asyncpg
from asyncpg.connect_utils import SessionAttribute

from onesixty.store.pg_errors import CONNECTION_ERRORS

Connection: TypeAlias = "asyncpg.Connection[Any]"

#: Seconds to connect, for the only host of a URL, and for each of several.
CONNECT_TIMEOUT: Final = 10.0
_CONNECT_TIMEOUT_OF_SEVERAL: Final = 3.0

#: Seconds after which the server ends a statement, and seconds after which the client gives up a server that hangs.
STATEMENT_TIMEOUT: Final = 30.0
SILENCE: Final = STATEMENT_TIMEOUT + 5.0

#: Seconds that stand for "no limit": None would mean the connection's own limit.
NEVER: Final = 10 * 365 * 86_400.0

#: Seconds that a statement waits for a lock, and seconds that a session may be idle in a transaction. A
#: statement that waits for the locks of a node that hangs gets them before its own wait ends.
LOCK_TIMEOUT: Final = 10
IDLE_IN_TRANSACTION: Final = 4

#: Seconds of silence before a keepalive, seconds between two, how many may go unanswered, and how long sent data
#: may stay unacknowledged.
_KEEPALIVE_IDLE: Final = 10
_KEEPALIVE_INTERVAL: Final = 3
_KEEPALIVE_COUNT: Final = 3
_UNACKNOWLEDGED: Final = 15

#: The settings of every session. To compile a plan takes longer than to run it, for all but the largest reports.
_PATIENT: Final = {
    "jit": "off",
    "application_name": "onesixty",
    "tcp_keepalives_idle": str(_KEEPALIVE_IDLE),
    "tcp_keepalives_interval": str(_KEEPALIVE_INTERVAL),
    "tcp_keepalives_count": str(_KEEPALIVE_COUNT),
    "tcp_user_timeout": str(_UNACKNOWLEDGED * 1000),
}
_BOUNDED: Final = _PATIENT | {
    "lock_timeout": f"{LOCK_TIMEOUT}s",
    "statement_timeout": f"{STATEMENT_TIMEOUT:.0f}s",
    "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION}s",
}
#: Writes find their rows by key. Without these settings, a plan made while a table was empty keeps reading the
#: whole table after it has grown.
_BY_KEY: Final = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}

_IDENTITY: Final = (
    "SELECT pid, (extract(epoch FROM backend_start) * 1000000)::bigint "
    "FROM pg_stat_activity WHERE pid = pg_backend_pid()"
)


class Session(NamedTuple):
    """A session as its server identifies it. A pid is used again; together with its start (in microseconds) it is
    unique."""

    pid: int
    started: int


async def connect_writer(url: str) -> tuple[Connection, Session]:
    """Open a session that writes, and return how the server identifies it. Raises what
    `pg_errors.STATEMENT_ERRORS` names."""
    connection = await _connect(url, command_timeout=SILENCE, server_settings=_BOUNDED | _BY_KEY)
    try:
        if await connection.fetchval("SHOW synchronous_commit") == "off":
            await connection.execute("SET synchronous_commit = on")
        identity = await connection.fetchrow(_IDENTITY)
        assert identity is not None, "a session finds itself"
    except BaseException:
        connection.terminate()
        raise
    return connection, Session(*identity)


async def connect_listener(url: str) -> Connection:
    """Open a session that receives notifications of changes."""
    return await _connect(url, command_timeout=SILENCE, server_settings=_PATIENT)


async def connect_migration(url: str) -> Connection:
    """Open a session for a change of the schema, without a time limit."""
    return await _connect(url, server_settings=_PATIENT)


async def open_readers(url: str, most: int) -> asyncpg.Pool[Any]:
    """Open the sessions that only read."""

    async def connect(*_: object, **options: Any) -> Connection:
        return await _connect(url, **options)

    return await asyncpg.create_pool(
        url,
        # One connection at the start, so that a server that is away is noticed at once. No minimum size:
        # otherwise the pool would replace lost connections in the background, log a traceback for each failure
        # of an outage, and leave a half-made connection behind at a stop. A read opens the connection that it needs.
        init_size=1,
        min_size=0,
        max_size=most,
        connect=connect,
        command_timeout=SILENCE,
        server_settings=_BOUNDED,
    )


async def _connect(url: str, **given: Any) -> Connection:
    hosts = each_host(url)
    limit = CONNECT_TIMEOUT if len(hosts) == 1 else _CONNECT_TIMEOUT_OF_SEVERAL
    options: dict[str, Any] = {
        "statement_cache_size": 512,
        "target_session_attrs": SessionAttribute.read_write,
        **given,
    }
    for remaining, one in zip(reversed(range(len(hosts))), hosts, strict=True):
        try:
            connection: Connection = await asyncpg.connect(one, timeout=limit, **options)
        except (*CONNECTION_ERRORS, asyncpg.CannotConnectNowError):
            if not remaining:
                raise
        else:
            _watch(connection)
            return connection
    raise AssertionError("the last host connects or raises")


def each_host(url: str) -> list[str]:
    """Return the URL once for each host that it names, so that each host gets its own timeout."""
    split = urlsplit(url)
    user, at, hosts = split.netloc.rpartition("@")
    return [split._replace(netloc=f"{user}{at}{host}").geturl() for host in hosts.split(",")]


def _watch(connection: Connection) -> None:
    """Set the socket options that notice a server which disappears silently."""
    # the driver has no option for keepalives and no public access to its socket
    sock = connection._transport.get_extra_info("socket")  # type: ignore[attr-defined]
    if sock is None or sock.family == socket.AF_UNIX:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        ("TCP_KEEPIDLE", _KEEPALIVE_IDLE),
        ("TCP_KEEPINTVL", _KEEPALIVE_INTERVAL),
        ("TCP_KEEPCNT", _KEEPALIVE_COUNT),
        ("TCP_USER_TIMEOUT", _UNACKNOWLEDGED * 1000),
    ):
        if hasattr(socket, option):  # not every system has all of these options
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
