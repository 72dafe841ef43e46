"""The contract between the work queue and what does the work: one sink for each use.

Rules kept here:
- a sink never raises and calls `done` exactly once for each `send`, later, never from inside `send`; it has deadlines
  of its own, so that every `send` ends;
- a sink encodes when it sends, from the row and from what the row is about: what was redacted or changed meanwhile is
  sent as it is then;
- what a sink says of an attempt is an outcome; what follows from it (a retry, the end, a rest) is the queue's to
  decide, by the sink's policy.
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
    """What an attempt came to."""

    #: The receiver has it.
    DONE = "done"
    #: The receiver refused it for good.
    FAILED = "failed"
    #: The receiver did not take it: again, after a pause.
    AGAIN = "again"
    #: It ends as failed without an attempt: there is nobody to have it any more, or nothing to send.
    ENDED = "ended"
    #: It never left: it goes back to its old place, and counts as no attempt.
    UNSENT = "unsent"
    #: One step of it is done, and there is more: the same again, at once.
    MORE = "more"


class Outcome(msgspec.Struct, frozen=True):
    """What became of one attempt. `code` and `error` stand in the row.

    `after` is the pause that the receiver asked for before the next attempt at this work, `rest` the one before the
    next attempt at any work of the lane, both in seconds.
    """

    verdict: Verdict
    code: int | None = None
    error: str | None = None
    after: float | None = None
    rest: float | None = None


class Result(Enum):
    """What the queue made of an outcome."""

    DELIVERED = "delivered"
    RETRIED = "retried"
    FAILED = "failed"
    #: It waits again in memory or in its row, and nothing is known of it.
    KEPT = "kept"


#: Tells the queue what became of an attempt, and returns what follows.
Done = Callable[[Outcome], Result]


class Queue(Protocol):
    """What a sink may ask of its queue. Implemented by `work.queue.WorkQueue`."""

    def items(self) -> Iterable[Item]:
        """Everything that waits in memory."""

    def lane(self, name: str) -> Lane | None:
        """The lane with this name, if it is in memory."""

    def all_lanes(self) -> Sequence[Lane]:
        """Every lane in memory."""

    def pump(self, lane: Lane) -> None:
        """Send what the lane may send now: there is room again where `takes` said that there was none."""

    def empty(self, lane: Lane) -> None:
        """Leave all that waits in a lane to its rows."""

    def shut(self, lane: Lane) -> None:
        """Send nothing more of a lane until `resume`; what waits is left to its rows."""

    def resume(self, lane: Lane) -> None:
        """The receiver of a lane is said to be well: try at once, gently."""

    def wake(self) -> None:
        """Look at the rows soon."""

    def write(self, key: str, write: Write) -> None:
        """Write this soon, together with results."""


class Hooks:
    """What a sink may have beside what it must. Each does as little as it can."""

    async def start(self) -> None:
        """The queue begins; nothing is sent before."""

    async def close(self) -> None:
        """End what is under way: each `done` that is still owed is called now."""

    async def refresh(self) -> None:
        """Read again what other processes may have changed; called every few seconds. Raises StoreError."""

    # ------------------------------------------------------------ lanes

    def open(self, lane: str) -> bool:
        """Whether this process may take work of the lane into memory. What it may not take waits in its rows."""
        return True

    def ended(self, lane: str) -> str | None:
        """Why all work of the lane ends as failed, where there is nobody to have it any more."""
        return None

    def wanted(self, lane: str) -> None:
        """Work of a lane that is not open waits in its rows."""

    def made(self, lane: Lane) -> None:
        """A lane is new in memory: what is known of its receiver."""

    def takes(self, lane: Lane) -> bool:
        """Whether the receiver takes one more now. A sink that says no calls `pump` when it does."""
        return True

    def stepped(self, lane: Lane, step: Step) -> None:
        """The lane's breaker opened, closed, or the lane was paused."""

    # ------------------------------------------------------------ work

    def admit(self, items: Sequence[Item]) -> None:
        """These were just committed in this process: give them what is known of them."""

    def ready(self, item: Item) -> bool:
        """Whether the item has all that it takes to be sent."""
        return True

    async def prepare(self, items: Sequence[Item]) -> Sequence[tuple[Item, str]]:
        """Read what these items lack. Returns those that end as failed, with the reason. Raises StoreError."""
        return ()


class Sink(Hooks, ABC):
    """Does the work of one use: `webhooks.sink.WebhookSink`, `customers.sink.BindSink`, `alerts.mail.MailSink`,
    `jobs.sink.JobSink`.
    """

    #: The column `sink` of this work, and the statement that inserts it.
    name: ClassVar[str]
    insert: ClassVar[str]
    policy: Policy
    #: The queue of this work. It makes itself known as it is made, before any hook is called.
    queue: Queue

    @abstractmethod
    def new(self, row: Row) -> Item:
        """The item of a row of `insert`."""

    @abstractmethod
    def send(self, item: Item, done: Done) -> None:
        """Begin one attempt; `done` is called with what became of it."""
