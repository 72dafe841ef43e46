"""What became of a COMMIT whose answer was lost: each transaction leaves a mark, and a later one proves it.

Rules kept here:
- a transaction leaves a mark of its own in a row of its connection. Its id alone proves nothing: a server that
  crashed gives ids away again that never came to its disk. The row is no other connection's: one that was cut off
  may keep its locks for as long as the server does not notice;
- a mark that can be seen proves a commit on this server, and nothing about its standby: a wait for a synchronous
  standby that was broken off makes visible what the primary alone has. So the mark is read in a transaction of our
  own, and believed once that one was committed and acknowledged: a standby that has it has all before it;
- a session that is in its COMMIT is left alone, since ending it breaks off such a wait; one that is idle in its
  transaction never got the COMMIT, and is ended.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import asyncpg

from onesixty.core.clock import Clock
from onesixty.store.pg_connections import Connection, Session

#: Days for which marks are kept of connections that ended without removing theirs.
_MARKS_KEPT_MS: Final = 7 * 86_400_000

#: Notes the mark of a transaction, and tells its id.
_MARK: Final = (
    "INSERT INTO commit_marks (writer, mark, noted_at) VALUES ($1::text, $2::bigint, $3::bigint) "
    "ON CONFLICT (writer) DO UPDATE SET mark = excluded.mark, noted_at = excluded.noted_at "
    "RETURNING pg_current_xact_id()::text"
)
_MARK_OF: Final = "SELECT mark FROM commit_marks WHERE writer = $1::text"
_FORGET: Final = "DELETE FROM commit_marks WHERE writer = $1::text"
_FORGET_OLD: Final = "DELETE FROM commit_marks WHERE noted_at < $1::bigint"
#: For what may be lost, and shall wait for no standby.
_CARELESS: Final = "SET LOCAL synchronous_commit = off"

_STARTED: Final = "(extract(epoch FROM session.backend_start) * 1000000)::bigint"
#: Whether a session may be ended without breaking off a COMMIT.
_NOT_COMMITTING: Final = (
    "session.wait_event IS DISTINCT FROM 'SyncRep' "
    "AND NOT (session.state = 'active' AND session.query = 'COMMIT')"
)
#: Ends one session while its transaction is the one with this id.
_END_IDLE: Final = (
    "SELECT pg_terminate_backend(session.pid) FROM pg_stat_activity AS session "
    f"WHERE session.pid = $1::bigint AND {_STARTED} = $2::bigint "
    f"AND session.backend_xid::text = ($3::text::numeric % 4294967296)::text AND {_NOT_COMMITTING}"
)
#: Ends sessions: all of ours that are in the list (JSON: [[pid, started], ...]), but for this one.
_END_ALL: Final = (
    "SELECT count(pg_terminate_backend(session.pid)) FROM pg_stat_activity AS session "
    "JOIN json_array_elements($1::text::json) AS theirs "
    f"ON session.pid = (theirs->>0)::bigint AND {_STARTED} = (theirs->>1)::bigint "
    "WHERE session.datname = current_database() AND session.usename = current_user "
    f"AND session.pid <> pg_backend_pid() AND {_NOT_COMMITTING}"
)


class Mark(NamedTuple):
    """What a transaction leaves: the row and number of its mark, its id, and its session."""

    writer: str
    number: int
    transaction: str
    session: Session


async def leave(connection: Connection, writer: str, number: int, now_ms: int) -> str:
    """Leave a mark in the transaction that is open; returns the transaction's id."""
    transaction: str = await connection.fetchval(_MARK, writer, number, now_ms)
    return transaction


async def is_seen(connection: Connection, mark: Mark) -> bool:
    """Whether the mark can be seen: its transaction was committed on this server."""
    return bool(await connection.fetchval(_MARK_OF, mark.writer) == mark.number)


async def in_progress(connection: Connection, mark: Mark) -> bool:
    """Whether the transaction, or another with its id, is under way."""
    try:
        status = await connection.fetchval("SELECT pg_xact_status($1::text::xid8)", mark.transaction)
    except asyncpg.DataError:  # an id of the future: this server never saw it, after a crash or a failover
        return False
    return bool(status == "in progress")


async def end_idle(connection: Connection, mark: Mark) -> None:
    """End the session of a transaction that is still open, unless it is in its COMMIT."""
    await connection.execute(_END_IDLE, mark.session.pid, mark.session.started, mark.transaction)


async def end_sessions(pool: asyncpg.Pool[Any], sessions: str) -> int:
    """End sessions of another node (JSON: [[pid, started], ...]) but for those in a COMMIT; returns how many."""
    ended: int = await pool.fetchval(_END_ALL, sessions)
    return ended


async def forget(connection: Connection, writer: str) -> None:
    """Remove the row of a connection that ends."""
    async with connection.transaction():
        await connection.execute(_CARELESS)
        await connection.execute(_FORGET, writer)


async def forget_old(pool: asyncpg.Pool[Any], clock: Clock) -> None:
    """Remove the marks of connections that ended long ago without removing theirs."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(_CARELESS)
        await connection.execute(_FORGET_OLD, clock.now_ms() - _MARKS_KEPT_MS)
