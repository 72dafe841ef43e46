"""The contract of a store, which is all that the rest of onesixty knows of it, and the callables that are injected
into a store.

Rules kept here:
- a unit's future resolves after COMMIT with fsync, never before; subscribers run between the two;
- a caller who cancels the future never cancels the unit;
- while a store is not healthy, every new unit ends as `Unavailable` at once, until a probe has written
  successfully. Units that were handed in before are answered when it is known whether they were committed,
  however long that takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from onesixty.store.units import Result, Unit

Row = tuple[Any, ...]

#: The value of `Store.sessions` if one process owns the database: no other node ever ends its sessions.
ONE_OWNER: Final = "[]"

#: Gets the rows of one statement that a transaction committed.
Subscriber = Callable[[list[Row]], None]

#: Called with True when the store can write again, with False when it cannot.
HealthListener = Callable[[bool], None]

#: A named place at which a test can inject a failure (`store.before_commit`, ...); see `ops.faults`.
FaultPoint = Callable[[str], None]

#: Ends the process after a failure that it cannot survive (an fsync that failed). Gets the reason for the log.
Fatal = Callable[[str], None]


class Store(Protocol):
    """The database of one node, as every part of onesixty sees it.

    Implemented by `store.sqlite.SqliteStore`, `store.remote.RemoteStore` and `store.postgresql.PostgresqlStore`;
    `store.opening.open_store` chooses.
    """

    @property
    def dialect(self) -> str:
        """The engine: `sqlite` or `postgresql`."""

    @property
    def healthy(self) -> bool:
        """Whether the store can write, as far as it knows."""

    def commit(self, units: Sequence[Unit]) -> asyncio.Future[list[Result]]:
        """Write units. The future gives one result for each unit, in their order. Returns at once.

        The units of one call may be committed in different transactions: each unit succeeds or fails alone.
        """

    async def fetch(self, statement: str, **params: object) -> list[Row]:
        """Return the rows of a named read. It sees everything that was committed before the call."""

    async def execute(self, statement: str, **params: object) -> list[Row]:
        """Run one cold write in its own transaction. Returns the rows of its RETURNING clause.

        Raises `Poisoned` or `Unavailable`.
        """

    def subscribe(self, statement: str, callback: Subscriber) -> None:
        """Hand the rows of this write statement to `callback` after each commit made through this object."""

    def on_health(self, listener: HealthListener) -> None:
        """Call `listener` whenever `healthy` changes."""

    def unanswered(self) -> float:
        """Seconds since the oldest unanswered write was handed in; 0 if every write is answered."""

    def sessions(self) -> str:
        """Identify this node's writing sessions, for `end_sessions` on another node."""

    def on_sessions(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever what `sessions` says has changed."""

    def on_changes(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever another node may have changed rows that nodes hold in memory (it ran a write
        that `tells`). Never called if one process owns the database."""

    async def end_sessions(self, sessions: str) -> int:
        """End the sessions of a node whose lease was fenced, so that they hold no locks. Returns how many were ended.

        Sessions that are in a COMMIT are left alone. Raises Unavailable.
        """

    async def close(self) -> None:
        """Commit what was handed in, then close the database. Later units end as `Unavailable`."""


class Observer(Protocol):
    """Counts what a store does. Called for each group, so it has to be cheap. Implemented by
    `kit.observer.Observer`."""

    def committed(self, units: int, rows: Mapping[str, int], seconds: float) -> None:
        """A transaction with `units` units was committed; `rows` counts the rows of each statement."""

    def failed(self, units: int, error: str) -> None:
        """Units ended with an error: `poisoned` or `unavailable`."""

    def health(self, healthy: bool) -> None:
        """The store can write (True) or cannot (False)."""


class Silent:
    """An observer that counts nothing."""

    def committed(self, units: int, rows: Mapping[str, int], seconds: float) -> None: ...

    def failed(self, units: int, error: str) -> None: ...

    def health(self, healthy: bool) -> None: ...


def no_fault(_name: str) -> None:
    """A fault point that never fails."""
