"""Sessions of PostgreSQL: on which server they are opened, and the limits that both ends keep.

Rules kept here:
- of several hosts in the URL, each is tried in its order, and only a server that can be written is taken: after a
  failover that is the standby that was promoted;
- a session whose client stands still in the middle of a transaction is ended by the server, so that its locks hold
  up other nodes for a short time only; a statement waits for a lock, and runs, for a bounded time;
- a peer that is gone without a word is noticed on both ends: keepalives, and a limit for what is not acknowledged;
- a COMMIT has no limit on either end. One that waits for a synchronous standby must not be cancelled: a canceled
  wait makes the transaction visible although the primary alone has it;
- COMMIT answers only when what was written is on disk, whatever the server's default is.
"""

from __future__ import annotations

import socket
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import urlsplit

import asyncpg
from asyncpg.connect_utils import SessionAttribute

from onesixty.store.pg_errors import CONNECTION_ERRORS

Connection: TypeAlias = "asyncpg.Connection[Any]"

#: Seconds for a connection to the only host of a URL, and to each of several.
CONNECT_TIMEOUT: Final = 10.0
_CONNECT_TIMEOUT_OF_SEVERAL: Final = 3.0

#: Seconds after which the server gives a statement up, and after which we give the server up: it stands still.
STATEMENT_TIMEOUT: Final = 30.0
SILENCE: Final = STATEMENT_TIMEOUT + 5.0

#: Seconds that stand for "no limit": None would mean the connection's own limit.
NEVER: Final = 10 * 365 * 86_400.0

#: Seconds that a statement waits for a lock, and that a session may be idle in a transaction. Whoever waits for
#: the locks of a node that stands still gets them before the wait ends.
LOCK_TIMEOUT: Final = 10
IDLE_IN_TRANSACTION: Final = 4

#: Seconds of silence before a keepalive, between two, how many go unanswered, and how long anything that was sent
#: may go unacknowledged.
_KEEPALIVE_IDLE: Final = 10
_KEEPALIVE_INTERVAL: Final = 3
_KEEPALIVE_COUNT: Final = 3
_UNACKNOWLEDGED: Final = 15

#: What every session asks of its server.
_PATIENT: Final = {
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
#: Writes find their rows by key. Without these, a plan made while a table was empty reads all of it later.
_BY_KEY: Final = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}

_IDENTITY: Final = (
    "SELECT pid, (extract(epoch FROM backend_start) * 1000000)::bigint "
    "FROM pg_stat_activity WHERE pid = pg_backend_pid()"
)


class Session(NamedTuple):
    """A session as its server knows it. A pid is given again; with its start (in microseconds) it is one session."""

    pid: int
    started: int


async def connect_writer(url: str) -> tuple[Connection, Session]:
    """A session that writes, and who it is. Raises what `pg_errors.STATEMENT_ERRORS` names."""
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
    """A session that hears of what others changed."""
    return await _connect(url, command_timeout=SILENCE, server_settings=_PATIENT)


async def connect_migration(url: str) -> Connection:
    """A session for a change of the schema, which takes as long as it takes."""
    return await _connect(url, server_settings=_PATIENT)


async def open_readers(url: str, most: int) -> asyncpg.Pool[Any]:
    """The sessions that only read."""

    async def connect(*_: object, **options: Any) -> Connection:
        return await _connect(url, **options)

    return await asyncpg.create_pool(
        url,
        # One to begin with, so that a server that is away is noticed at once. No floor: the pool would mend it in the
        # background, write the traceback of each failure of an outage into the log, and leave a connection half made
        # at a stop. A read makes the connection that it needs.
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
    """The URL once for each host that it names, so that each gets a time of its own."""
    split = urlsplit(url)
    user, at, hosts = split.netloc.rpartition("@")
    return [split._replace(netloc=f"{user}{at}{host}").geturl() for host in hosts.split(",")]


def _watch(connection: Connection) -> None:
    """Notice a server that is gone without a word."""
    # the driver has neither an option for it nor a way to its socket
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
        if hasattr(socket, option):  # not every system has all of them
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
