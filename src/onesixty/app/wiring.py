"""The parts of a node between its doors and its carriers, made in the order in which they need each other.

Rules kept here:
- effects are ordered here: money first, then events;
- a part knows others only by what is handed to it; the few that need each other both ways meet in a lambda.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from random import Random as SeededRandom

from onesixty.accounts import Accounts
from onesixty.app.observers import Observers
from onesixty.billing.flat import LedgerEffect
from onesixty.core.clock import Clock
from onesixty.core.contracts import Effect, Net, Write
from onesixty.core.ids import IdSource
from onesixty.core.message import Message
from onesixty.customers import effect as bind_effect
from onesixty.customers.binds import Binds
from onesixty.customers.credentials import SmppCredentials
from onesixty.customers.effect import BindEffect
from onesixty.customers.parts import Parts
from onesixty.customers.passwords import Passwords
from onesixty.customers.sink import LIMITS as BIND_LIMITS
from onesixty.customers.sink import BindSink
from onesixty.dispatch.dispatcher import Dispatcher
from onesixty.dispatch.refill import Refill
from onesixty.dispatch.strays import Strays
from onesixty.inventory.own_numbers import OwnNumbers
from onesixty.jobs.bulk import Bulk
from onesixty.jobs.jobs import Jobs
from onesixty.jobs.sink import LIMITS as JOB_LIMITS
from onesixty.jobs.sink import JobSink
from onesixty.messages import inbound as inbound_
from onesixty.messages.batches import Batches
from onesixty.messages.control import Control
from onesixty.messages.edits import Edits
from onesixty.messages.inbound import InboundDesk
from onesixty.messages.intake import Intake, Terms
from onesixty.messages.queries import Queries
from onesixty.messages.receipts import Desk
from onesixty.messages.recorder import Recorder
from onesixty.messages.sweep import Sweep
from onesixty.network.callbacks import Host
from onesixty.network.loop_check import Home
from onesixty.network.running import Links
from onesixty.ops.settings import Address, Settings
from onesixty.ranges.networks import Networks
from onesixty.refusals import Refusals, Trace
from onesixty.reports.access_log import AccessLog
from onesixty.retention import Keep, Keeper
from onesixty.routing.loops import Laps
from onesixty.routing.router import Router
from onesixty.simulator.sandbox import Sandbox
from onesixty.simulator.stage import Stage
from onesixty.smpp.network import LoopNetwork
from onesixty.store.contract import FaultPoint, Store
from onesixty.store.lease_keeper import Tenure
from onesixty.webhooks.effect import EventEffect, redact
from onesixty.webhooks.feed import Feed
from onesixty.webhooks.http_poster import HttpPoster
from onesixty.webhooks.listeners import EndpointTable
from onesixty.webhooks.poster import Poster
from onesixty.webhooks.sink import WebhookSink
from onesixty.webhooks.urls import check_url
from onesixty.work.lanes import Limits
from onesixty.work.queue import WorkQueue
from onesixty.work.sink import Sink

#: Statements that the sweep runs now and then, each with `:now`.
CLEANERS = (
    "alerts_forget",
    "idempotency_expire",
    "inbound_seen_expire",
    "smpp_parts_expire",
    "smpp_short_ids_expire",
    "work_ended_forget",
)


class Wiring:
    """What `Platform` is on the inside: it gives the settings and seams, and from its start on store, accounts and
    lease. `addresses` tells where the node listens."""

    settings: Settings
    clock: Clock
    random: SeededRandom
    net: Net
    ids: IdSource
    fault: FaultPoint
    sandbox: Sandbox
    observers: Observers
    store: Store
    accounts: Accounts
    tenure: Tenure
    two_processes: bool
    webhook_poster: Poster | None
    addresses: Callable[[], list[Address]]

    def build(self) -> None:
        """Make everything, once store, accounts and lease are there."""
        self._build_sinks()
        self._build_recorder()
        self._build_desks()
        self._build_dispatch()
        self._build_intake()
        self._build_control()
        self._build_upkeep()

    def _build_sinks(self) -> None:
        """Who listens: customers' binds and webhook endpoints, and what delivers to them."""
        settings, store, clock = self.settings, self.store, self.clock
        self.passwords = Passwords(secrets.token_bytes)
        self.smpp_credentials = SmppCredentials(store, clock, self.ids, secrets.token_bytes, self.passwords)
        self.binds = Binds()
        self.endpoints = EndpointTable()
        self.poster = self.webhook_poster or HttpPoster(
            self.net, clock, allow_private=settings.webhook_allow_private
        )
        self.webhook_queue = self.work_queue(
            WebhookSink(
                store,
                self.poster,
                self.endpoints,
                clock=clock,
                entropy=secrets.token_bytes,
                observer=self.observers.webhooks,
                hit=self.fault,
            )
        )

    def _build_recorder(self) -> None:
        """What follows from a change of a message, in the order in which it is written: money first, then events."""
        settings, store, clock = self.settings, self.store, self.clock
        claim = self._claim_for_node if self.two_processes else self.webhook_queue.claim
        self.own_numbers = OwnNumbers(store, clock, self.ids)
        self.networks = Networks(store)
        bind_sink = BindSink(
            store,
            self.binds,
            self.smpp_credentials.book,
            random=self.random,
            observer=self.observers,
            hit=self.fault,
        )
        self.bind_queue = self.work_queue(bind_sink, BIND_LIMITS)
        self.event_effect = EventEffect(
            self.endpoints, self.ids, claim=claim, wanted=self.own_numbers.wants_webhooks
        )
        self.binds_effect = BindEffect(
            self.ids,
            settings_of=self.own_numbers.settings_of,
            wants=bind_sink.customers.wants_inbound,
            claim=self.bind_queue.claim,
        )
        effects: list[Effect] = [
            LedgerEffect(settings.billing_charge_on),
            self.event_effect,
            self.binds_effect,
        ]
        if settings.access_log:
            access = AccessLog(lambda carrier_id: self.links.name(carrier_id))  # noqa: PLW0108  (made below)
            store.subscribe("event_insert", access.committed)
            effects.append(access)
        self.recorder = Recorder(effects)

    def _build_desks(self) -> None:
        """What carriers report."""
        settings, store, clock = self.settings, self.store, self.clock
        self.inbound = InboundDesk(
            store=store,
            recorder=self.recorder,
            own_numbers=self.own_numbers,
            first_account=lambda: min(self.accounts.book),
            currency=lambda account_id: self._terms(account_id).currency,
            clock=clock,
            new_id=self.ids.new,
            lease=self.tenure.id,
            fault=self.fault,
            observer=self.observers,
            settings=inbound_.Settings(
                parts_ms=int(settings.inbound_parts_seconds * 1000),
                repeat_ms=int(settings.inbound_repeat_seconds * 1000),
            ),
        )
        self.desk = Desk(
            store=store,
            recorder=self.recorder,
            clock=clock,
            new_id=self.ids.new,
            fault=self.fault,
            observer=self.observers,
            outcomes_written=lambda: self.dispatcher.outcomes_written(),  # noqa: PLW0108  (made below)
            meaning=lambda carrier_id, code: self.links.receipt_error(carrier_id, code),  # noqa: PLW0108
            receipt_timeout_ms=lambda carrier_id: self.dispatcher.receipt_timeout_ms(carrier_id),  # noqa: PLW0108
            shared=store.dialect == "postgresql",
        )

    def _build_dispatch(self) -> None:
        """Routes, lanes and carriers."""
        settings, store, clock = self.settings, self.store, self.clock
        self.refill = Refill(store, self.tenure.id)
        laps = Laps(settings.loop_limit) if settings.loop_limit else None
        self.router = Router(clock, carrier_of_sender=self.own_numbers.carrier_of_sender, laps=laps)
        self.dispatcher = Dispatcher(
            store=store,
            recorder=self.recorder,
            alternatives=self.router.alternatives,
            clock=clock,
            random=self.random,
            new_id=self.ids.new,
            lease=self.tenure.id,
            lease_held=self.tenure.held,
            fault=self.fault,
            observer=self.observers,
            lane_capacity=settings.lane_capacity,
            on_recorded=self.desk.recorded,
            on_found=self.desk.found,
            on_waiting=self.refill.want,
        )
        self.refill.serve(self.dispatcher)
        self.links = Links(
            store=store,
            ids=self.ids,
            names=self.observers.carrier_names,
            router=self.router,
            dispatcher=self.dispatcher,
            refill=self.refill,
            make_host=lambda carrier_id: Host(carrier_id, self.dispatcher, self.desk, self.inbound),
            clock=clock,
            random=self.random,
            net=self.net,
            sandbox=self.sandbox,
            public_url=settings.effective_public_url,
            home=Home(self.addresses) if isinstance(self.net, LoopNetwork) else None,
        )
        self.stage = Stage(self.sandbox, clock, self.links.name)

    def _build_intake(self) -> None:
        """The one way in, the parts that customers cut themselves, and the trace of what was refused."""
        settings, store, clock = self.settings, self.store, self.clock
        self.refused = Trace(store, clock, self.ids.new, self.observers, kept=settings.refusals_kept)
        self.refusals = Refusals(store, clock, self.refused)
        self.intake = Intake(
            store=store,
            recorder=self.recorder,
            routes=self.router,
            lanes=self.dispatcher,
            terms=self._terms,
            clock=clock,
            new_id=self.ids.new,
            check_callback=lambda url: check_url(
                url, settings.webhook_allow_private, param="status_callback"
            ),
            fault=self.fault,
            observer=self.observers,
            max_segments=settings.max_segments,
            max_segments_limit=settings.max_segments_limit,
            network_of=self.networks.of,
        )
        self.parts = Parts(
            store=store,
            intake=self.intake,
            recorder=self.recorder,
            currency=lambda account_id: self._terms(account_id).currency,
            clock=clock,
            new_id=self.ids.new,
            fault=self.fault,
            receipts_of=self.binds_effect.receipts_of,
            max_segments=settings.max_segments,
            max_segments_limit=settings.max_segments_limit,
            wait_ms=int(settings.smpp_parts_seconds * 1000),
        )

    def _build_control(self) -> None:
        """What can be done to messages that are there."""
        store, clock = self.store, self.clock
        self.control = Control(
            store=store,
            recorder=self.recorder,
            owner=self.dispatcher,
            clock=clock,
            scrubs=(
                lambda message: redact(message.id, clock.now_ms()),
                lambda message: [("idempotency_redact", (message.id,))],
                lambda message: bind_effect.redact(message.id),
                self._forget_on_handset,
                self.refusals.redact,
            ),
            fault=self.fault,
        )
        self.edits = Edits(
            store=store,
            recorder=self.recorder,
            owner=self.dispatcher,
            lanes=self.dispatcher,
            judge=self.intake.judge,
            clock=clock,
        )
        self.batches = Batches(
            store=store,
            accept=self.intake.accept,
            cancel=self.control.cancel,
            clock=clock,
            new_id=self.ids.new,
        )
        bulk = Bulk(store, self.recorder, self.router, self.dispatcher, clock)
        self.jobs = Jobs(store, bulk, clock, self.ids.new)
        self.job_queue = self.work_queue(JobSink(store, bulk, clock), JOB_LIMITS)

    def _build_upkeep(self) -> None:
        """Reading, watching, and what comes due."""
        store, clock = self.store, self.clock
        self.queries = Queries(store)
        self.feed = Feed(store, clock, watch_others=store.dialect == "postgresql")
        self.strays = Strays(store, self.dispatcher, self.tenure.id, self.observers)
        self.sweep = Sweep(
            store=store,
            recorder=self.recorder,
            routes=self.router,
            lanes=self.dispatcher,
            owner=self.dispatcher,
            desk=self.desk,
            evidence=self.dispatcher.evidence,
            clock=clock,
            fault=self.fault,
            observer=self.observers,
            cleaners=CLEANERS,
            others={"inbound_parts": self.inbound.sweep, "smpp_parts": self.parts.sweep},
        )

        settings = self.settings
        self.keeper = Keeper(
            store,
            Keep(
                events=settings.retention_events_days,
                messages=settings.retention_messages_days,
                records=settings.retention_records_days,
                refusals=settings.retention_refusals_days,
            ),
            clock=clock,
            observer=self.observers,
        )

    def work_queue(self, sink: Sink, limits: Limits | None = None) -> WorkQueue:
        """The work of one use in this process."""
        return WorkQueue(
            self.store,
            sink,
            clock=self.clock,
            random=self.random,
            lease=lambda: self.tenure.id if self.tenure.held() else 0,
            limits=limits,
            hit=self.fault,
        )

    def _claim_for_node(self, _lane: str) -> int:
        return self.tenure.id if self.tenure.held() else 0

    def _forget_on_handset(self, message: Message) -> list[Write]:
        self.sandbox.handsets.forget(message.id)  # it is in memory alone: there is nothing to write
        return []

    def _terms(self, account_id: str) -> Terms:
        account = self.accounts.book[account_id]
        settings = account.settings
        return Terms(account.price_per_segment, account.currency, settings.may_use_otp, settings.suspended)
