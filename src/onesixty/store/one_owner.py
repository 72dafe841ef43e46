"""What all stores on SQLite share, whichever process writes: one process owns the file, so there are no other
nodes."""

from __future__ import annotations

from collections.abc import Callable

from onesixty.store.contract import ONE_OWNER, Row, Subscriber
from onesixty.store.group import Subscribers
from onesixty.store.sqlite_connections import SqliteReader
from onesixty.store.statements import WRITE, Statements


class OneOwner:
    """Reads and subscribers, and the methods about other nodes, which do nothing here."""

    dialect = "sqlite"

    def __init__(self, statements: Statements, reader: SqliteReader) -> None:
        self._statements = statements
        self._reader = reader
        self._subscribers = Subscribers()

    async def fetch(self, statement: str, **params: object) -> list[Row]:
        return await self._reader.fetch(statement, params)

    def subscribe(self, statement: str, callback: Subscriber) -> None:
        if self._statements[statement].kind != WRITE:
            raise TypeError(f"{statement} is not a write")
        self._subscribers.add(statement, callback)

    def sessions(self) -> str:
        return ONE_OWNER

    def on_sessions(self, listener: Callable[[], None]) -> None:
        """Ignore the listener: the sessions never change, since one process owns the file."""

    def on_changes(self, listener: Callable[[], None]) -> None:
        """Ignore the listener: there is no other node."""

    async def end_sessions(self, sessions: str) -> int:
        return 0
