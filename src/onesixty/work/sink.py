"""The contract between the work queue and the code that does the work: one sink for each use.

Rules kept here:
- a sink never raises, and calls `done` exactly once for each `send`: later, never from inside `send`. It has its own
  deadlines, so that every `send` ends;
- a sink encodes when it sends, from the row and from what the row is about. So it sends the present state,
  after redactions and changes;
- a sink reports an attempt as an outcome. The queue decides by the sink's policy what follows:
  a retry, the end, a pause.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import ClassVar, Protocol

import msgspec

from onesixty.core.contracts import Write
from onesixty.store.contract import Row
from onesixty.work.item import Item
from onesixty.work.lane import Lane, Step
from onesixty.work.policy import Policy


class Verdict(Enum):
    """The kind of outcome of an attempt."""

    #: The receiver has the work.
    DONE = "done"
    #: The receiver refused it for good.
    FAILED = "failed"
    #: The receiver did not take it: try again after a pause.
    AGAIN = "again"
    #: It ends as failed without an attempt: the receiver no longer exists, or there is nothing to send.
    ENDED = "ended"
    #: It was not sent: it goes back to its old place, and does not count as an attempt.
    UNSENT = "unsent"
    #: One step of it is done, and there are more: call `send` again at once.
    MORE = "more"


class Outcome(msgspec.Struct, frozen=True):
    """The outcome of one attempt. `code` and `error` are written to the row.

    `after` is the pause that the receiver asked for before the next attempt at this work, `rest` the one before the
    next attempt at any work of the lane, both in seconds.
    """

    verdict: Verdict
    code: int | None = None
    error: str | None = None
    after: float | None = None
    rest: float | None = None


class Result(Enum):
    """What the queue did with an outcome."""

    DELIVERED = "delivered"
    RETRIED = "retried"
    FAILED = "failed"
    #: It waits again in memory or in its row, without a result.
    KEPT = "kept"


#: Reports an outcome to the queue, and returns what the queue did with it.
Done = Callable[[Outcome], Result]


class Queue(Protocol):
    """What a sink may ask of its queue. Implemented by `work.queue.WorkQueue`."""

    def items(self) -> Iterable[Item]:
        """All items that wait in memory."""

    def lane(self, name: str) -> Lane | None:
        """The lane with this name, if it is in memory."""

    def all_lanes(self) -> Sequence[Lane]:
        """Every lane in memory."""

    def pump(self, lane: Lane) -> None:
        """Send what the lane may send now. A sink calls it when there is room again after `takes` returned False."""

    def empty(self, lane: Lane) -> None:
        """Give all waiting items of a lane back to their rows."""

    def shut(self, lane: Lane) -> None:
        """Send nothing more of a lane until `resume`, and give its waiting items back to their rows."""

    def resume(self, lane: Lane) -> None:
        """Try a lane at once, at a low rate, because its receiver is said to work."""

    def wake(self) -> None:
        """Look at the rows soon."""

    def write(self, key: str, write: Write) -> None:
        """Write this soon, together with results."""


class Hooks:
    """Optional methods of a sink. Each default does as little as possible."""

    async def start(self) -> None:
        """Called when the queue starts, before anything is sent."""

    async def close(self) -> None:
        """End all attempts in flight: each `done` that is still outstanding is called now."""

    async def refresh(self) -> None:
        """Read again what other processes may have changed. Called every few seconds. Raises StoreError."""

    # ------------------------------------------------------------ lanes

    def open(self, lane: str) -> bool:
        """Whether this process may take work of the lane into memory. Otherwise the work waits in its rows."""
        return True

    def ended(self, lane: str) -> str | None:
        """The reason why all work of the lane ends as failed, if its receiver no longer exists; else None."""
        return None

    def wanted(self, lane: str) -> None:
        """Called when work of a lane that is not open waits in its rows."""

    def made(self, lane: Lane) -> None:
        """Called for a new lane in memory. The sink sets what it knows of the receiver."""

    def takes(self, lane: Lane) -> bool:
        """Whether the receiver takes one more now. A sink that returns False calls `pump` when it does."""
        return True

    def stepped(self, lane: Lane, step: Step) -> None:
        """Called when the lane's breaker opened or closed, or when the lane was paused."""

    # ------------------------------------------------------------ work

    def admit(self, items: Sequence[Item]) -> None:
        """Called for items that were just committed in this process. The sink sets the data it knows of them."""

    def ready(self, item: Item) -> bool:
        """Whether the item has all the data that it needs to be sent."""
        return True

    async def prepare(self, items: Sequence[Item]) -> Sequence[tuple[Item, str]]:
        """Read the data that these items need. Returns those that end as failed, with the
        reason. Raises StoreError."""
        return ()


class Sink(Hooks, ABC):
    """Does the work of one use: `webhooks.sink.WebhookSink`, `customers.sink.BindSink`,
    `mail.mails.MailSink`, `jobs.sink.JobSink`.
    """

    #: The value of the column `sink` for this work, and the statement that inserts it.
    name: ClassVar[str]
    insert: ClassVar[str]
    policy: Policy
    #: The queue of this work. It sets itself here when it is created, before any hook is called.
    queue: Queue

    @abstractmethod
    def new(self, row: Row) -> Item:
        """The item of a row of `insert`."""

    @abstractmethod
    def send(self, item: Item, done: Done) -> None:
        """Begin one attempt. `done` is called with its outcome."""
