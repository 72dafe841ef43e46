"""Events on their way to the sinks of extensions: the rows, and the use of the work queue that delivers them.

Rules kept here (promise 7):
- a row is written with its event, in the unit of the change, so a crash loses no event;
- each sink has a lane of its own: one that fails or hangs delays no other, and pauses like a webhook that fails;
- a sink gets the event as its row is when it is sent: after a redaction, the redacted one;
- a sink that raises anything is tried again. One call has `TIMEOUT` seconds;
- rows of a sink that is not installed wait until they expire.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Final, NamedTuple

from onesixty.core import ids
from onesixty.core.contracts import Write
from onesixty.core.ids import IdSource
from onesixty.core.tenant import Tenant
from onesixty.extensions.contract import Again, Event, GiveUp, Sink, SinkSettings
from onesixty.extensions.watched import Usage
from onesixty.store.contract import Row, Store
from onesixty.webhooks.contents import Contents
from onesixty.work.item import Item
from onesixty.work.policy import HOUR_MS, Policy
from onesixty.work.sink import Outcome, Verdict
from onesixty.work.tasks import TaskSink

#: Seconds for one event.
TIMEOUT: Final = 30.0
#: Pauses grow to an hour, and after 72 hours an event has no more use. Rows of delivered events are deleted.
POLICY: Final = Policy(pauses=(5, 30, 120, 600, 1800, 3600), life_ms=72 * HOUR_MS, keep=False)


class NewDelivery(NamedTuple):
    """The params of `extension_event_insert`, in their order. `subject` is the event's id."""

    id: str
    subject: str
    account_id: str
    lane: str
    claim: int
    created_at: int
    expires_at: int


class Receiver(NamedTuple):
    """A sink as it was made, with its settings and what it has cost."""

    sink: Sink
    settings: SinkSettings
    usage: Usage


class ExtensionSink(TaskSink):
    """Delivers events to the sinks, by the name of their extension."""

    name = "extension"
    insert = "extension_event_insert"
    policy = POLICY

    def __init__(self, store: Store, receivers: Mapping[str, Receiver]) -> None:
        super().__init__()
        self._contents = Contents(store)
        self._receivers = receivers

    async def start(self) -> None:
        self._contents.start(self.queue.items)

    def open(self, lane: str) -> bool:
        return lane in self._receivers

    def new(self, row: Row) -> Item:
        delivery = NewDelivery._make(row)
        return Item(
            delivery.id, delivery.lane, delivery.account_id, delivery.subject, None, None, None, None, 0,
            delivery.claim, delivery.expires_at,
        )  # fmt: skip

    def ready(self, item: Item) -> bool:
        return item.content is not None

    async def prepare(self, items: Sequence[Item]) -> Sequence[tuple[Item, str]]:
        return await self._contents.fill(items)

    async def attempt(self, item: Item) -> Outcome:
        receiver = self._receivers[item.lane]
        usage, content = receiver.usage, item.content
        event = Event(
            item.subject, content.type, item.account_id, content.message_id, content.body, item.tries
        )
        began = perf_counter()
        try:
            async with asyncio.timeout(TIMEOUT):
                await receiver.sink.deliver(event)
        except Again as error:
            usage.failed += 1
            return Outcome(Verdict.AGAIN, error=str(error), after=error.after)
        except GiveUp as error:
            usage.refused += 1
            return Outcome(Verdict.FAILED, error=str(error))
        except Exception as error:
            usage.failure(error)
            return Outcome(Verdict.AGAIN, error=type(error).__name__)
        finally:
            usage.spent("deliver", perf_counter() - began)
        usage.passed += 1
        return Outcome(Verdict.DONE)


class Deliveries:
    """Writes the rows of an event for the sinks that want it."""

    def __init__(
        self, receivers: Mapping[str, Receiver], id_source: IdSource, claim: Callable[[str], int]
    ) -> None:
        self._receivers = receivers
        self._ids = id_source
        self._claim = claim
        self._wanting: dict[tuple[Tenant, str], tuple[str, ...]] = {}

    def of(self, event_id: str, type_: str, tenant: Tenant, at: int) -> list[Write]:
        """The rows of an event of this type."""
        names = self._wanting.get((tenant, type_))
        if names is None:
            names = self._wanting[tenant, type_] = tuple(
                name
                for name, receiver in self._receivers.items()
                if receiver.settings.wants(type_, tenant.account_id, tenant.test)
            )
        return [
            (
                ExtensionSink.insert,
                NewDelivery(
                    self._ids.new(ids.DELIVERY), event_id, tenant.account_id, name, self._claim(name), at,
                    at + POLICY.life_ms,
                ),
            )
            for name in names
        ]  # fmt: skip
