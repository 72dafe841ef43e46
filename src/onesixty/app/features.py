"""The features of a node: the list of all, and what each needs of the others.

Rules kept here:
- `STATEMENTS` lists the packages with SQL. Its order is the order in which the writes of a group run and lock, and it
  is the same on every node of a database;
- features that write with each change of a message come before the path, money before events. Features that are built
  on the path come after it;
- `Features.all` is the order of a start, and the reverse order of a stop. A comment gives
  the reason for a place in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

from onesixty.accounts.feature import AccountsFeature
from onesixty.alerts.feature import AlertsFeature
from onesixty.alerts.signals import Parts as AlertParts
from onesixty.app.path import MessagePath
from onesixty.audit_log.feature import AuditLogFeature
from onesixty.billing.feature import BillingFeature
from onesixty.billing.limits import follow_limit
from onesixty.captures.feature import CapturesFeature
from onesixty.core.contracts import Write
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.customers.feature import BindsFeature, CredentialsFeature, PartsFeature
from onesixty.doctor.feature import DoctorFeature
from onesixty.extensions.feature import ExtensionsFeature
from onesixty.extensions.loading import Extensions
from onesixty.inventory.feature import InventoryFeature
from onesixty.jobs.feature import JobsFeature
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.kit.reload import Reload
from onesixty.kit.secret import SealingFeature
from onesixty.kit.upkeep import UpkeepFeature
from onesixty.limits.feature import LimitsFeature
from onesixty.mail.feature import MailFeature
from onesixty.messages.batches import Batches
from onesixty.messages.control import Control
from onesixty.messages.histories import Histories
from onesixty.messages.sweep import Sweep
from onesixty.network.configs import Configs
from onesixty.network.feature import NetworkFeature
from onesixty.ops.settings import Address
from onesixty.pauses.feature import PausesFeature
from onesixty.people.feature import PeopleFeature
from onesixty.profiles.feature import ProfilesFeature
from onesixty.ranges.feature import RangesFeature
from onesixty.refusals.feature import RefusalsFeature
from onesixty.reports.feature import AccessLogFeature
from onesixty.retention.feature import RetentionFeature
from onesixty.sandbox.feature import SandboxFeature
from onesixty.saved_reports.feature import SavedReportsFeature
from onesixty.saved_views.feature import SavedViewsFeature
from onesixty.simulator.sandbox import Sandbox
from onesixty.statistics.feature import StatisticsFeature
from onesixty.store.rows import RowEffect
from onesixty.templates.feature import TemplatesFeature
from onesixty.verify.feature import CoveredFeature, VerifyFeature
from onesixty.verify.guards.feature import GuardsFeature
from onesixty.verify.templated import TemplatedTexts
from onesixty.verify.texts import ReadyTexts
from onesixty.webhooks.feature import WebhooksFeature
from onesixty.webhooks.poster import Poster
from onesixty.webhooks.row_events import RowEvents
from onesixty.webhooks.rows import follow_events

#: The packages with a statements.sql, in the order of their writes.
STATEMENTS: Final = (
    "onesixty.store",
    "onesixty.sealing",
    "onesixty.http",
    "onesixty.accounts",
    "onesixty.people",
    "onesixty.messages",
    "onesixty.inventory",
    "onesixty.customers",
    "onesixty.jobs",
    "onesixty.ranges",
    "onesixty.dispatch",
    "onesixty.pauses",
    "onesixty.limits",
    "onesixty.billing",
    "onesixty.work",
    "onesixty.webhooks",
    "onesixty.extensions",
    "onesixty.refusals",
    "onesixty.network",
    "onesixty.verify",
    "onesixty.verify.guards",
    "onesixty.mail",
    "onesixty.alerts",
    "onesixty.profiles",
    "onesixty.templates",
    "onesixty.retention",
    "onesixty.statistics",
    "onesixty.saved_reports",
    "onesixty.doctor",
    "onesixty.saved_views",
    "onesixty.audit_log",
)

#: The effects of every change of a resource's row, in its transaction and in this order. The audit log follows them.
ROW_EFFECTS: Final[Sequence[RowEffect]] = (follow_limit,)


class Features:
    """All features of a node, connected. The store is open and the lease is held when this is created."""

    def __init__(
        self,
        node: Context,
        accounts: AccountsFeature,
        *,
        extensions: Extensions,
        sandbox: Sandbox,
        poster: Poster | None,
        addresses: Callable[[], list[Address]],
    ) -> None:
        """`poster` sends webhooks in place of HTTP; `addresses` returns where the node listens, or will."""
        self._node = node
        installed = ExtensionsFeature(node, extensions)
        self.accounts = accounts.accounts
        self.audit_log = AuditLogFeature(node, self.accounts)
        reload = Reload()
        self.configs = Configs(
            node.store, node.clock, node.ids, reload, node.row_effects,
            sealer=node.keyring, public=extensions.connectors.public,
        )  # fmt: skip
        self._connectors = extensions.connectors
        ranges = RangesFeature(node)
        self.credentials = CredentialsFeature(node)
        inventory = InventoryFeature(
            node,
            carriers=self.configs,
            accounts=self.accounts.book,
            credentials=self.credentials,
        )
        billing = BillingFeature(node, accounts=self.accounts)
        self.webhooks = WebhooksFeature(
            node,
            accounts=self.accounts.book,
            numbers=inventory.numbers,
            poster=poster,
            also=installed.event_rows,
        )
        if node.announced is not None:
            rows = RowEvents(self.webhooks.events, self._above, lambda: self.accounts.operator().id)
            node.announced.listen(rows.effect)
        self.binds = BindsFeature(
            node,
            credentials=self.credentials.credentials,
            accounts=self.accounts,
            numbers=inventory.numbers,
        )
        access_log = AccessLogFeature(node)
        self.limits = LimitsFeature(node, accounts=self.accounts)
        follow_events(node.store, self.limits.hold)
        self.profiles = ProfilesFeature(node, self.accounts, self.limits.storage.room)
        covered = CoveredFeature(node)
        self.templates = TemplatesFeature(node, self.asked_ids)
        # The recorder calls the effects of these with each change of a message (messages/recorder.py), in this order.
        writing = (self.limits, billing, self.webhooks, self.binds, access_log, covered)
        self.path = path = MessagePath(
            node,
            effects=[effect for feature in writing for effect in feature.effects()],
            accounts=self.accounts,
            numbers=inventory.numbers,
            networks=ranges.networks,
            rules=(*self.profiles.rules, *covered.rules),  # steps of features, in this order
            extended=installed.steps,
            funds=[billing.credit],
            limits=[self.limits.hold],
            revealer=covered.covered,
            replies=covered.replies,
        )
        self.captures = CapturesFeature(
            node,
            binds=self.binds.binds,
            credentials=self.credentials.credentials,
            carriers=self.configs,
            covers=covered.covered.covers,
        )
        self.pauses = PausesFeature(
            node,
            reload=reload,
            router=path.router,
            dispatcher=path.dispatcher,
            intake=path.intake,
            accounts=self.accounts,
            configured=self.configs,
            tell=self._tell,
        )
        self.network = NetworkFeature(
            node,
            configs=self.configs,
            connectors=extensions.connectors,
            reload=reload,
            router=path.router,
            dispatcher=path.dispatcher,
            receipts=path.receipts,
            inbound=path.inbound,
            pauses=self.pauses.in_force,
            captures=self.captures.captures,
            sandbox=sandbox,
            addresses=addresses,
            accounts=self.accounts,
            tell=self._tell,
        )
        self.refusals = RefusalsFeature(node, self.accounts)
        self.sandbox = SandboxFeature(node, sandbox)
        self.parts = PartsFeature(
            node,
            intake=path.intake,
            recorder=path.recorder,
            accounts=self.accounts,
            binds=self.binds.effect,
            credentials=self.credentials.credentials,
        )
        self.jobs = JobsFeature(
            node,
            configs=self.configs,
            recorder=path.recorder,
            router=path.router,
            alternatives=path.alternatives,
            dispatcher=path.dispatcher,
            holds=path.holds,
            tell=self._tell,
        )
        mail = MailFeature(node)
        self.people = PeopleFeature(node, accounts=self.accounts, mail=mail)
        guards = GuardsFeature(node)
        self.verify = VerifyFeature(
            node,
            path=covered,
            intake=path.intake,
            accounts=self.accounts,
            mail=mail,
            guards=guards.guards,
            simulated=self._all_simulated,
            country_of=self.profiles.country_of,
            texts=TemplatedTexts(self.templates.sending, ReadyTexts()),
            network_of=ranges.networks.of,
            announce=self.webhooks.events.announce,
            cancel_message=self._cancel,
        )
        statistics = StatisticsFeature(node, accounts=self.accounts, names=self.configs)
        saved_reports = SavedReportsFeature(
            node,
            reporting=statistics.reporting,
            accounts=self.accounts,
            users=self.people.people.users,
            mail=mail,
            post=self.webhooks.post,
        )
        alerts = AlertsFeature(
            node,
            parts=self._alert_parts(),
            events=self.webhooks.events,
            accounts=self.accounts,
            mail=mail,
        )
        self.all: tuple[Feature, ...] = (
            SealingFeature(node),  # knows the keys before anything reads what they seal
            accounts,
            UpkeepFeature(),
            self.audit_log,  # stops after those that write into it
            self.profiles,  # knows who is verified before there are messages to judge
            self.templates,  # knows the texts before there are messages that ask for them
            ranges,
            self.credentials,
            inventory,
            installed,  # starts before there are messages to judge
            *writing,  # before the carriers, so that what they bring in is kept for binds and webhooks
            self.captures,
            self.refusals,
            path,
            self.network,  # stops before the path, which then writes the carriers' last answers
            self.pauses,
            self.sandbox,  # a scenario ends before the networks that it changes
            self.parts,  # starts after the network, because a joined message needs its route
            self.jobs,
            statistics,
            RetentionFeature(
                node,
                self.accounts,
                redact=lambda tenant, id_: self.control.redact(tenant, id_, wipe=False),
                remove_audit=self.audit_log.remove,
            ),
            mail,
            self.people,
            guards,
            self.verify,
            saved_reports,
            SavedViewsFeature(node),
            alerts,
            DoctorFeature(node, carriers=self.network.carriers.states, addresses=addresses),
        )
        self.control = Control(node, recorder=path.recorder, lanes=path.dispatcher, features=self.all)
        self.histories = Histories(path.queries, node.store, [feature.history for feature in self.all])
        self.batches = Batches(node, intake=path.intake, control=self.control)
        self.sweep = Sweep(
            node,
            recorder=path.recorder,
            steps=path.steps,
            holds=path.holds,
            lanes=path.dispatcher,
            receipts=path.receipts,
            evidence=path.dispatcher.evidence,
            features=self.all,
        )
        self._rounds = [self.sweep.rounds, *(each for feature in self.all for each in feature.rounds())]

    async def asked_ids(self) -> dict[str, frozenset[str]]:
        """The ids of registered texts that each carrier in use asks for, by the id of the carrier."""
        asks = self._connectors.registrations
        return {one.id: asks(one.type, one.settings) for one in await self.configs.carriers() if one.enabled}

    def _above(self, account_id: str) -> tuple[str, ...]:
        """The accounts above one, nearest first, the operator's last."""
        operator = self.accounts.operator().id
        return () if account_id == operator else (*self.accounts.tree.above.get(account_id, ()), operator)

    def _tell(self, type_: str, data: dict[str, Any], at: int) -> Sequence[Write]:
        """The writes of an event for operators, which only the live feed has."""
        return self.webhooks.events.tell(Tenant(self.accounts.operator().id, False), type_, data, at)

    def _all_simulated(self) -> bool:
        """Whether no carrier is a real one."""
        return self.path.router.simulated.issuperset(self.path.queues)

    async def _cancel(self, tenant: Tenant, message_id: str) -> Message:
        """Cancel a message (`messages.control.Control`)."""
        return await self.control.cancel(tenant, message_id)

    def _alert_parts(self) -> AlertParts:
        observer = self._node.observer
        return AlertParts(
            carriers=self.network.carriers.states,
            outcomes=observer.outcome_totals,
            queued=self.path.dispatcher.oldest.read,
            strays=observer.stray_totals,
            paused_webhooks=self.webhooks.listeners.paused,
            limits=self.limits.reached,
            name=observer.carrier_name,
        )

    # ------------------------------------------------------------ start and stop

    async def load(self) -> None:
        """Read the features' rows into memory and settle what stopped nodes left, before anything starts."""
        for feature in self.all:
            await feature.load()
        await self.recover()

    async def recover(self) -> None:
        """Settle what stopped nodes left."""
        for feature in self.all:
            await feature.recover()

    async def refresh(self) -> None:
        """Read again what other nodes changed."""
        for feature in self.all:
            await feature.refresh()

    async def start(self) -> None:
        """Start all features, and then their periodic tasks."""
        for feature in self.all:
            await feature.start()
            feature.gauges(self._node.metrics)
        for rounds in self._rounds:
            rounds.start()

    async def close(self, seconds: float) -> None:
        """Take nothing new in. `seconds` is the time for the whole stop."""
        await asyncio.gather(*(feature.close(seconds) for feature in self.all))

    async def stop(self, seconds: float) -> None:
        """Stop all features. `seconds` is the time for the whole stop."""
        await asyncio.gather(*(rounds.stop() for rounds in self._rounds))
        for feature in reversed(self.all):
            await feature.stop(seconds)
