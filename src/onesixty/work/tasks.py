"""A sink whose attempts are coroutines: for work that is rare or long, and for consumers inside the process.

Rules kept here:
- an attempt that a stop cuts off does not count: its work goes back to its row;
- an attempt that ends in an exception is tried again by the policy. It is logged unless the exception is the store's.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod

import structlog

from onesixty.store.units import StoreError
from onesixty.work.item import Item
from onesixty.work.sink import Done, Outcome, Sink, Verdict


class TaskSink(Sink):
    """A sink that runs each attempt as a task. Subclasses implement `attempt`."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    @abstractmethod
    async def attempt(self, item: Item) -> Outcome:
        """Make one attempt. Raises StoreError if the store is needed and away."""

    def send(self, item: Item, done: Done) -> None:
        task = asyncio.get_running_loop().create_task(self._run(item, done), name=f"{self.name} {item.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, item: Item, done: Done) -> None:
        outcome = Outcome(Verdict.UNSENT)
        try:
            outcome = await self.attempt(item)
        except StoreError as error:
            outcome = Outcome(Verdict.AGAIN, error=str(error))
        except Exception as error:
            structlog.get_logger("onesixty.work").exception("work_failed", sink=self.name, work=item.id)
            outcome = Outcome(Verdict.AGAIN, error=type(error).__name__)
        finally:
            done(outcome)
