"""Changes that other nodes hold in memory: told with the COMMIT that makes them, heard within milliseconds.

Rules kept here:
- a transaction that runs a statement with `tells` notifies in the same transaction: nobody hears of what is not
  committed, and what is committed is heard by every node that is connected;
- a node that was not connected may have missed something: it is told at each new connection;
- it is a hint to look now. Nodes look at every renewal of their lease too, so a lost hint costs seconds.
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
    """Let other nodes know, with the COMMIT of this transaction."""
    await connection.execute(_TELL)


class Changes:
    """Listens on a connection of its own, from `start` to `stop`."""

    def __init__(self, url: str, is_mine: Callable[[int], bool]) -> None:
        """`is_mine` says whether a session (its pid) is one of this node: it knows what it changed."""
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
            with contextlib.suppress(*STATEMENT_ERRORS):  # the writers say that the server is away
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
