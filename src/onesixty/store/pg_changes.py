"""Notifies other nodes of changes to rows that they hold in memory: sent with the COMMIT, received within
milliseconds.

Rules kept here:
- a transaction that runs a statement with `tells` notifies in the same transaction, so a node never hears of a
  change that is not committed, and every connected node hears of each committed one;
- a node that was not connected may have missed a notification: its listeners are called at each new connection;
- a notification only says "look now". Nodes also look at every renewal of their lease, so a lost one costs seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final

from onesixty.store.pg_connections import Connection, connect_listener
from onesixty.store.pg_errors import STATEMENT_ERRORS

_CHANNEL: Final = "onesixty_changes"
_TELL: Final = f"SELECT pg_notify('{_CHANNEL}', '')"

#: Seconds between two tries to connect.
_PAUSE: Final = 1.0


async def tell(connection: Connection) -> None:
    """Notify the other nodes with the COMMIT of this transaction."""
    await connection.execute(_TELL)


class Changes:
    """Listens on its own connection, from `start` to `stop`."""

    def __init__(self, url: str, is_mine: Callable[[int], bool]) -> None:
        """`is_mine` says whether a session (its pid) belongs to this node, which already knows its own changes."""
        self._url = url
        self._is_mine = is_mine
        self._listeners: list[Callable[[], None]] = []
        self._task: asyncio.Task[None] | None = None

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each change, and at each new connection. Connects with the first listener."""
        self._listeners.append(listener)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="store-changes")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(*STATEMENT_ERRORS):  # the writers report that the server is away
                await self._hear()
            await asyncio.sleep(_PAUSE)

    async def _hear(self) -> None:
        """Listen until the connection ends."""
        connection = await connect_listener(self._url)
        try:
            ended = asyncio.Event()
            connection.add_termination_listener(lambda _: ended.set())
            await connection.add_listener(_CHANNEL, self._heard)
            self._tell()
            if not connection.is_closed():
                await ended.wait()
        finally:
            connection.terminate()

    def _heard(self, _connection: Any, pid: int, _channel: str, _payload: object) -> None:
        if not self._is_mine(pid):
            self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
