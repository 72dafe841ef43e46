"""SMPP customers as features of a node: credentials, binds and their deliveries, parts of long messages."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence

from fastapi import APIRouter

from onesixty.accounts import Accounts
from onesixty.core.contracts import Effect, Write
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.customers.bind_endpoints import smpp_bind_routes
from onesixty.customers.binds import Binds
from onesixty.customers.credential_endpoints import smpp_credential_routes
from onesixty.customers.credentials import SmppCredentials
from onesixty.customers.dedup import Deduplication
from onesixty.customers.effect import BindEffect, redact
from onesixty.customers.parts import Parts
from onesixty.customers.passwords import Passwords
from onesixty.customers.short_ids import ShortIds
from onesixty.customers.sink import LIMITS, BindSink
from onesixty.inventory.own_numbers import OwnNumbers
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature, SweepTask, until_idle
from onesixty.messages.intake import Intake
from onesixty.messages.recorder import Recorder
from onesixty.ops.metrics import Metrics


class CredentialsFeature(Feature):
    """The SMPP credentials."""

    def __init__(self, node: Context) -> None:
        self.passwords = Passwords(secrets.token_bytes)
        self.credentials = SmppCredentials(
            node.store, node.clock, node.ids, secrets.token_bytes, self.passwords, node.row_effects
        )

    def valid(self, credential_id: str, tenant: Tenant) -> bool:
        """Whether an account has this credential in this mode, and it is not revoked."""
        known = self.credentials.book.get(credential_id)
        return known is not None and known.tenant == tenant and known.revoked_at is None

    async def load(self) -> None:
        """See Feature."""
        await self.credentials.refresh()

    async def stop(self, seconds: float) -> None:
        """See Feature."""
        self.passwords.close()


class BindsFeature(Feature):
    """The binds of this node, and their deliveries."""

    cleaners = ("smpp_short_ids_expire",)

    def __init__(
        self, node: Context, *, credentials: SmppCredentials, accounts: Accounts, numbers: OwnNumbers
    ) -> None:
        """`numbers` decides whether an incoming message goes to binds, and to which."""
        self._credentials = credentials
        self._accounts = accounts
        self._notes = node.notes
        self._settings = node.settings
        self._idempotency = node.idempotency
        self._numbers = numbers
        self.binds = Binds()
        accounts.tree.on_stopped(lambda: self.binds.end_of(accounts.tree.closed))
        self.short_ids = ShortIds(node.store, node.clock)
        self.deduplication = Deduplication(node.store)
        sink = BindSink(
            node.store,
            self.binds,
            credentials.book,
            random=node.random,
            observer=node.observer,
            hit=node.fault,
        )
        self._queue = node.work_queue(sink, LIMITS)
        self.effect = BindEffect(
            node.ids,
            settings_of=numbers.settings_of,
            wants=sink.customers.wants_inbound,
            claim=self._queue.claim,
        )

    def effects(self) -> Sequence[Effect]:
        """See Feature."""
        return [self.effect]

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        return [
            smpp_credential_routes(self._credentials, self._numbers, self._accounts.book, self._idempotency),
            smpp_bind_routes(self.binds, self._notes, self._settings, self._accounts.book),
        ]

    def scrub(self, message: Message) -> Sequence[Write]:
        """See Feature."""
        return redact(message.id)

    def gauges(self, metrics: Metrics) -> None:
        """See Feature."""
        metrics.smpp_customer_binds.read_from(
            lambda: {(kind,): n for kind, n in Counter(bind.kind for bind in self.binds).items()}
        )
        metrics.bind_deliveries_waiting.read_from(lambda: {(): self._queue.state()["waiting"]})

    async def start(self) -> None:
        """See Feature."""
        await self._queue.start()

    async def stop(self, seconds: float) -> None:
        """See Feature."""
        await self._queue.stop(seconds / 8)


class PartsFeature(Feature):
    """Long messages that customers split themselves."""

    cleaners = ("smpp_parts_expire",)
    bring_forward = ("smpp_parts_bring_forward",)

    def __init__(
        self,
        node: Context,
        *,
        intake: Intake,
        recorder: Recorder,
        accounts: Accounts,
        binds: BindEffect,
        credentials: SmppCredentials,
    ) -> None:
        self._clock = node.clock
        self.parts = Parts(
            node,
            intake=intake,
            recorder=recorder,
            accounts=accounts,
            binds=binds,
            grant_of=credentials.grant_of,
        )

    def sweep_tasks(self) -> Mapping[str, SweepTask]:
        """See Feature."""
        return {"smpp_parts": self.parts.sweep}

    async def start(self) -> None:
        """Join parts that were complete at the last stop, because the routes they need are loaded now."""
        await self.parts.recover()

    async def stop(self, seconds: float) -> None:
        """See Feature."""
        await until_idle(self._clock, seconds / 8, lambda: self.parts.idle)
