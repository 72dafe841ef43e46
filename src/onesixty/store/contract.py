"""What the rest of onesixty knows of a store: its contract, and what is injected into it.

Rules kept here:
- a unit's future resolves after COMMIT with fsync, never before; subscribers run between the two;
- a caller who goes away (cancels the future) never cancels the unit;
- while a store is not healthy every unit is answered `Unavailable` at once, until a probe has written again;
  what was handed in before is answered once it is known what became of it, however long that takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from onesixty.store.units import Result, Unit

Row = tuple[Any, ...]

#: What `Store.sessions` says where one process owns the database: no other node ever ends its sessions.
ONE_OWNER: Final = "[]"

#: Gets the rows of one statement that a transaction committed.
Subscriber = Callable[[list[Row]], None]

#: Told True when the store can write again, False when it cannot.
HealthListener = Callable[[bool], None]

#: A named place where tests let things go wrong (`store.before_commit`, ...); see `ops.faults`.
FaultPoint = Callable[[str], None]

#: Ends the process, for what cannot be survived (an fsync that failed). Gets the reason for the log.
Fatal = Callable[[str], None]


class Store(Protocol):
    """The database of one node, as every part of onesixty sees it.

    Implemented by `store.sqlite.SqliteStore`, `store.remote.RemoteStore` and `store.postgresql.PostgresqlStore`;
    `store.opening.open_store` chooses.
    """

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""

    @property
    def healthy(self) -> bool:
        """Whether it can write, as far as it knows."""

    def commit(self, units: Sequence[Unit]) -> asyncio.Future[list[Result]]:
        """Write units, and answer what became of each, in their order. Returns at once.

        The units of one call need not end in one transaction: each stands for itself.
        """

    async def fetch(self, statement: str, **params: object) -> list[Row]:
        """The rows of a named read; it sees everything that was committed before the call."""

    async def execute(self, statement: str, **params: object) -> list[Row]:
        """One cold write in its own transaction; returns what its RETURNING clause gives.

        Raises `Poisoned` or `Unavailable`.
        """

    def subscribe(self, statement: str, callback: Subscriber) -> None:
        """Hand the rows of this write statement to `callback` after each commit made through this object."""

    def on_health(self, listener: HealthListener) -> None:
        """Call `listener` whenever `healthy` changes."""

    def unanswered(self) -> float:
        """Seconds since the oldest write that has no answer yet was handed in; 0 where there is none."""

    def sessions(self) -> str:
        """Who this node's writing sessions are to the database, for `end_sessions` of another node."""

    def on_sessions(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever what `sessions` says has changed."""

    def on_changes(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever another node may have changed what nodes hold in memory: rows of a write that
        `tells`. Never where one process owns the database."""

    async def end_sessions(self, sessions: str) -> int:
        """End the sessions of a node whose lease was fenced, so that they hold no locks; returns how many.

        Those in a COMMIT are left. Raises Unavailable.
        """

    async def close(self) -> None:
        """Commit what was handed in, then let go of the database. Later units are `Unavailable`."""


class Observer(Protocol):
    """Where a store counts. Called for each group, so it has to be cheap. Implemented by `kit.observer.Observer`."""

    def committed(self, units: int, rows: Mapping[str, int], seconds: float) -> None:
        """A transaction with `units` units was committed; `rows` counts the rows of each statement."""

    def failed(self, units: int, error: str) -> None:
        """Units were answered with an error: `poisoned` or `unavailable`."""

    def health(self, healthy: bool) -> None:
        """The store can, or cannot, write."""


class Silent:
    """The observer that counts nothing."""

    def committed(self, units: int, rows: Mapping[str, int], seconds: float) -> None: ...

    def failed(self, units: int, error: str) -> None: ...

    def health(self, healthy: bool) -> None: ...


def no_fault(_name: str) -> None:
    """The fault point at which nothing goes wrong."""
