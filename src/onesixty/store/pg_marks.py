"""Finds out whether a COMMIT whose answer was lost succeeded: each transaction leaves a mark, which a later one
looks up.

Rules kept here:
- a transaction writes a mark into the row of its connection. Its transaction id alone proves nothing: after a
  crash, a server gives out ids again if they never reached its disk. Each connection has its own row, since a
  connection that was cut off may keep its locks for as long as the server does not notice;
- a visible mark proves a commit on this server, but nothing about its standby: if a wait for a synchronous
  standby is cancelled, a transaction that only the primary has becomes visible. So the mark is read in a new
  transaction, and trusted only when that transaction was committed and acknowledged: a standby that has it has
  all before it;
- a session that is in its COMMIT is left alone, since ending it cancels such a wait. A session that is idle in
  its transaction never got the COMMIT, and is ended.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import asyncpg

from onesixty.core.clock import Clock
from onesixty.store.pg_connections import Connection, Session

#: How long marks are kept if their connection ended without removing them.
_MARKS_KEPT_MS: Final = 7 * 86_400_000

#: Writes the mark of a transaction, and returns the transaction's id.
_MARK: Final = (
    "INSERT INTO commit_marks (writer, mark, noted_at) VALUES ($1::text, $2::bigint, $3::bigint) "
    "ON CONFLICT (writer) DO UPDATE SET mark = excluded.mark, noted_at = excluded.noted_at "
    "RETURNING pg_current_xact_id()::text"
)
_MARK_OF: Final = "SELECT mark FROM commit_marks WHERE writer = $1::text"
_FORGET: Final = "DELETE FROM commit_marks WHERE writer = $1::text"
_FORGET_OLD: Final = "DELETE FROM commit_marks WHERE noted_at < $1::bigint"
#: For writes that may be lost and must not wait for a standby.
_CARELESS: Final = "SET LOCAL synchronous_commit = off"

_STARTED: Final = "(extract(epoch FROM session.backend_start) * 1000000)::bigint"
#: Whether a session may be ended without cancelling a COMMIT.
_NOT_COMMITTING: Final = (
    "session.wait_event IS DISTINCT FROM 'SyncRep' "
    "AND NOT (session.state = 'active' AND session.query = 'COMMIT')"
)
#: Ends one session if its transaction still is the one with this id.
_END_IDLE: Final = (
    "SELECT pg_terminate_backend(session.pid) FROM pg_stat_activity AS session "
    f"WHERE session.pid = $1::bigint AND {_STARTED} = $2::bigint "
    f"AND session.backend_xid::text = ($3::text::numeric % 4294967296)::text AND {_NOT_COMMITTING}"
)
#: Ends all of our sessions in the list (JSON: [[pid, started], ...]) except this one.
_END_ALL: Final = (
    "SELECT count(pg_terminate_backend(session.pid)) FROM pg_stat_activity AS session "
    "JOIN json_array_elements($1::text::json) AS theirs "
    f"ON session.pid = (theirs->>0)::bigint AND {_STARTED} = (theirs->>1)::bigint "
    "WHERE session.datname = current_database() AND session.usename = current_user "
    f"AND session.pid <> pg_backend_pid() AND {_NOT_COMMITTING}"
)


class Mark(NamedTuple):
    """What a transaction leaves behind: the row and number of its mark, its id, and its session."""

    writer: str
    number: int
    transaction: str
    session: Session


async def leave(connection: Connection, writer: str, number: int, now_ms: int) -> str:
    """Write a mark in the open transaction. Returns the transaction's id."""
    transaction: str = await connection.fetchval(_MARK, writer, number, now_ms)
    return transaction


async def is_seen(connection: Connection, mark: Mark) -> bool:
    """Whether the mark is visible, which means that its transaction was committed on this server."""
    return bool(await connection.fetchval(_MARK_OF, mark.writer) == mark.number)


async def in_progress(connection: Connection, mark: Mark) -> bool:
    """Whether the transaction, or another one with the same id, is still in progress."""
    try:
        status = await connection.fetchval("SELECT pg_xact_status($1::text::xid8)", mark.transaction)
    # an id beyond this server's newest: after a crash or a failover, the server never saw it
    except asyncpg.DataError:
        return False
    return bool(status == "in progress")


async def end_idle(connection: Connection, mark: Mark) -> None:
    """End the session of a transaction that is still open, unless it is in its COMMIT."""
    await connection.execute(_END_IDLE, mark.session.pid, mark.session.started, mark.transaction)


async def end_sessions(pool: asyncpg.Pool[Any], sessions: str) -> int:
    """End the sessions of another node (JSON: [[pid, started], ...]), except those in a COMMIT. Returns how many."""
    ended: int = await pool.fetchval(_END_ALL, sessions)
    return ended


async def forget(connection: Connection, writer: str) -> None:
    """Remove the row of marks of a connection that ends."""
    async with connection.transaction():
        await connection.execute(_CARELESS)
        await connection.execute(_FORGET, writer)


async def forget_old(pool: asyncpg.Pool[Any], clock: Clock) -> None:
    """Remove the marks of connections that ended long ago without removing them."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(_CARELESS)
        await connection.execute(_FORGET_OLD, clock.now_ms() - _MARKS_KEPT_MS)
