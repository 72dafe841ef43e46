"""The message path of a node, put together: intake, lanes and carriers' queues, receipts, incoming messages.

It is the middle of a node: some features contribute what they write with each change of a message (`effects`), and
others are built on its parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from onesixty.accounts import Accounts
from onesixty.core.contracts import Effect
from onesixty.core.covered import NothingCovered, Replies, Revealer
from onesixty.dispatch.carrier_queue import CarrierQueues
from onesixty.dispatch.dispatcher import Dispatcher
from onesixty.dispatch.journal import Journal
from onesixty.dispatch.recovery import recover
from onesixty.dispatch.strays import Strays
from onesixty.inventory.own_numbers import OwnNumbers
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature, SweepTask, until_idle
from onesixty.messages.alternatives import Alternatives
from onesixty.messages.drafts import Step, Steps
from onesixty.messages.edits import Edits
from onesixty.messages.express import Express
from onesixty.messages.holds import Hold, Holds
from onesixty.messages.inbound import Inbound
from onesixty.messages.intake import Intake
from onesixty.messages.queries import Queries
from onesixty.messages.receipts import Receipts
from onesixty.messages.recorder import Recorder
from onesixty.messages.steps import standard
from onesixty.ops.metrics import Metrics
from onesixty.ranges.networks import Networks
from onesixty.routing.loops import LoopDetection
from onesixty.routing.router import Router
from onesixty.store.rounds import Rounds


class MessagePath(Feature):
    """The parts of the path by name. `effects` are in the order in which they are written, `rules` in
    the order in which they judge. `extended` adds the steps of extensions to those of onesixty; `funds` are the holds
    that pay for a message. `revealer` knows the real characters of covered messages, `replies` covers what is
    sent back of them."""

    cleaners = ("inbound_seen_expire",)
    bring_forward = ("messages_bring_forward", "receipts_bring_forward", "inbound_parts_bring_forward")

    def __init__(
        self,
        node: Context,
        *,
        effects: Sequence[Effect],
        accounts: Accounts,
        numbers: OwnNumbers,
        networks: Networks,
        rules: Sequence[Step] = (),
        extended: Callable[[Sequence[Step]], Sequence[Step]] = tuple,
        funds: Sequence[Hold] = (),
        limits: Sequence[Hold] = (),
        revealer: Revealer | None = None,
        replies: Replies | None = None,
    ) -> None:
        self._node = node
        #: When this node began, and so could find what stopped nodes left.
        self._since = node.clock.now_ms()
        self.recorder = recorder = Recorder(effects)
        self.router = router = Router(
            node.clock,
            node.channels,
            carrier_of_sender=numbers.carrier_of_sender,
            hosts_version=lambda: numbers.version,
        )
        self.queues = queues = CarrierQueues()
        journal = Journal(node, recorder, queues)
        self.receipts = receipts = Receipts(node, recorder=recorder, carriers=queues, outcomes=journal)
        own = standard(
            node.settings,
            channels=node.channels,
            accounts=accounts,
            networks=networks,
            routes=router,
            rules=rules,
        )
        self.steps = steps = Steps(extended(own))
        self.alternatives = Alternatives(router, steps, node.clock)
        self.dispatcher = dispatcher = Dispatcher(
            node,
            queues=queues,
            journal=journal,
            alternatives=self.alternatives,
            receipts=receipts,
            revealer=revealer or NothingCovered(),
        )
        #: The resources that a message accepted earlier has to reserve.
        self.holds = Holds([dispatcher, *funds])
        limit = node.settings.loop_limit
        loops = [LoopDetection(limit, router)] if limit else []
        holds = Holds([dispatcher, *loops, *limits, *funds])
        self.intake = Intake(
            node,
            recorder=recorder,
            steps=steps,
            holds=holds,
            express=Express(steps, holds, node.channels, node.ids),
        )
        self.edits = Edits(
            node, recorder=recorder, lanes=dispatcher, holds=self.holds, funds=Holds(funds), steps=steps
        )
        self.inbound = Inbound(node, recorder=recorder, numbers=numbers, accounts=accounts, replies=replies)
        self.queries = Queries(node.store)
        self.strays = Strays(node, dispatcher)

    @property
    def idle(self) -> bool:
        """Whether nothing is in flight, and nothing on its way to disk."""
        return self.dispatcher.idle and self.receipts.idle and self.inbound.idle

    # ------------------------------------------------------------ start and stop

    async def recover(self) -> None:
        """Settle what stopped nodes left. No queue knows yet of their rows that wait in the database, so
        each queue looks for them every time: a node that was frozen may still commit accepted messages
        after others took over from it."""
        await recover(self._node, self.recorder, self._since)
        for queue in list(self.queues.values()):
            await self.dispatcher.refill.discover(queue)
            queue.wake()

    async def start(self) -> None:
        """Join the parts of incoming messages that were complete before this start."""
        await self.inbound.recover()

    def sweep_tasks(self) -> Mapping[str, SweepTask]:
        """See Feature."""
        return {"inbound_parts": self.inbound.sweep}

    def rounds(self) -> Sequence[Rounds]:
        """See Feature."""
        return [self.strays.rounds]

    def gauges(self, metrics: Metrics) -> None:
        """See Feature."""
        observer = self._node.observer
        metrics.sweep_lag.read_from(lambda: {("messages",): observer.lag_seconds})

    async def stop(self, seconds: float) -> None:
        """Wait until the carriers' last answers are written."""
        await until_idle(self._node.clock, seconds / 8, lambda: self.idle)
