"""The message path of a node, put together: intake, lanes and carriers' lines, receipts, incoming messages.

It is the middle of a node: features hand in what they write with each change of a message (`effects`), and build on
what stands here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from onesixty.accounts import Accounts
from onesixty.core.contracts import Effect
from onesixty.core.tenant import Tenant
from onesixty.dispatch.dispatcher import Dispatcher
from onesixty.dispatch.recovery import recover
from onesixty.dispatch.refill import Refill
from onesixty.dispatch.strays import Strays
from onesixty.inventory.own_numbers import OwnNumbers
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature, Look, until_idle
from onesixty.messages import inbound as inbound_
from onesixty.messages.drafts import Steps
from onesixty.messages.edits import Edits
from onesixty.messages.holds import Holds
from onesixty.messages.inbound import InboundDesk
from onesixty.messages.intake import Intake
from onesixty.messages.queries import Queries
from onesixty.messages.receipts import Receipts
from onesixty.messages.recorder import Recorder
from onesixty.messages.steps import Terms, standard
from onesixty.ops.metrics import Metrics
from onesixty.ranges.networks import Networks
from onesixty.routing.loops import LoopDetection
from onesixty.routing.router import Router
from onesixty.store.rounds import Rounds
from onesixty.webhooks.urls import check_url


class MessagePath(Feature):
    """The parts by name. `effects` come in the order in which they are written."""

    cleaners = ("inbound_seen_expire",)
    sooner = ("messages_sooner", "receipts_sooner", "inbound_parts_sooner")

    def __init__(
        self,
        node: Context,
        *,
        effects: Sequence[Effect],
        accounts: Accounts,
        numbers: OwnNumbers,
        networks: Networks,
    ) -> None:
        self._node = node
        self._accounts = accounts
        settings, store, clock = node.settings, node.store, node.clock
        self.recorder = Recorder(effects)
        self.router = Router(clock, carrier_of_sender=numbers.carrier_of_sender)
        self.dispatcher = Dispatcher(
            store=store,
            recorder=self.recorder,
            alternatives=self.router.alternatives,
            clock=clock,
            random=node.random,
            new_id=node.ids.new,
            lease=node.lease.id,
            lease_held=node.lease.held,
            fault=node.fault,
            observer=node.observer,
            lane_capacity=settings.lane_capacity,
        )
        self.refill = Refill(store, node.lease.id, self.dispatcher)
        self.receipts = Receipts(
            store=store,
            recorder=self.recorder,
            outcomes=self.dispatcher,
            clock=clock,
            new_id=node.ids.new,
            fault=node.fault,
            observer=node.observer,
            shared=store.dialect == "postgresql",
        )
        self.inbound = InboundDesk(
            store=store,
            recorder=self.recorder,
            own_numbers=numbers,
            operator=lambda: Tenant(accounts.operator().id, False),
            currency=accounts.currency,
            clock=clock,
            new_id=node.ids.new,
            lease=node.lease.id,
            fault=node.fault,
            observer=node.observer,
            settings=inbound_.Settings(
                parts_ms=int(settings.inbound_parts_seconds * 1000),
                repeat_ms=int(settings.inbound_repeat_seconds * 1000),
            ),
        )
        self.steps = Steps(
            standard(
                accounts=_Terms(accounts),
                networks=networks,
                callbacks=_Callbacks(settings.webhook_allow_private),
                routes=self.router,
                max_segments=settings.max_segments,
                max_segments_limit=settings.max_segments_limit,
            )
        )
        #: What a message that was accepted before needs of the scarce.
        self.holds = Holds([self.dispatcher])
        loops = [LoopDetection(settings.loop_limit, self.router)] if settings.loop_limit else []
        self.intake = Intake(
            store=store,
            recorder=self.recorder,
            steps=self.steps,
            holds=Holds([self.dispatcher, *loops]),
            clock=clock,
            new_id=node.ids.new,
            fault=node.fault,
            observer=node.observer,
        )
        self.edits = Edits(
            store=store,
            recorder=self.recorder,
            owner=self.dispatcher,
            carriers=self.dispatcher,
            holds=self.holds,
            steps=self.steps,
            clock=clock,
        )
        self.queries = Queries(store)
        self._strays = Strays(store, self.dispatcher, node.lease.id, node.observer)

    @property
    def idle(self) -> bool:
        """Nothing in flight, nothing on its way to disk."""
        return self.dispatcher.idle and self.receipts.idle and self.inbound.idle

    def queued(self) -> Iterable[tuple[str, int | None]]:
        """For each carrier's id, when the oldest message in its lane was queued; None without one."""
        for line in self.dispatcher.lines.values():
            moments = (item.message.queued_at for item in line.lane)
            yield line.id, min((moment for moment in moments if moment is not None), default=None)

    # ------------------------------------------------------------ its life

    async def recover(self) -> None:
        """Settle what dead nodes left. What waits in the database for a node that is gone is known to no line yet; a
        look each time: a node that was frozen commits what it had accepted after others took over from it."""
        node = self._node
        await recover(node.store, self.recorder, node.clock, node.observer, node.fault)
        for line in list(self.dispatcher.lines.values()):
            await self.refill.discover(line)
            self.dispatcher.wake(line)

    async def start(self) -> None:
        """Join the parts of incoming messages that waited for this start."""
        await self.inbound.recover()

    def looks(self) -> Mapping[str, Look]:
        """See Feature."""
        return {"inbound_parts": self.inbound.sweep}

    def rounds(self) -> Sequence[Rounds]:
        """See Feature."""
        return [self._strays.rounds]

    def gauges(self, metrics: Metrics) -> None:
        """See Feature."""
        observer = self._node.observer
        metrics.sweep_lag.read_from(lambda: {("messages",): observer.lag_seconds})

    async def stop(self, seconds: float) -> None:
        """Write what carriers answered last."""
        await until_idle(self._node.clock, seconds / 8, lambda: self.idle)


class _Terms:
    """What accounts may, for the steps."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def terms(self, account_id: str) -> Terms:
        account = self._accounts.book[account_id]
        settings = account.settings
        return Terms(account.price_per_segment, account.currency, settings.may_use_otp, settings.suspended)


class _Callbacks:
    """Where status callbacks may go, for the steps."""

    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private

    def check(self, url: str) -> None:
        check_url(url, self._allow_private, param="status_callback")
