"""Webhooks and the live feed as a feature of a node: events are written with each change, and sent to listeners."""

from __future__ import annotations

import secrets
from collections.abc import Container, Sequence

from fastapi import APIRouter

from onesixty.core.contracts import Effect, Write
from onesixty.core.history import Entry
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.inventory.own_numbers import OwnNumbers
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.ops.metrics import Metrics
from onesixty.store.contract import Row
from onesixty.webhooks.deliveries import Deliveries
from onesixty.webhooks.delivery_reading import DeliveryReading, told
from onesixty.webhooks.effect import EventEffect, EventRows, redact
from onesixty.webhooks.endpoints import webhook_routes
from onesixty.webhooks.feed import Feed
from onesixty.webhooks.feed_endpoints import feed_routes
from onesixty.webhooks.http_poster import HttpPoster
from onesixty.webhooks.listeners import EndpointTable, make_callback_secret
from onesixty.webhooks.poster import Answer, Outgoing, Poster, answered
from onesixty.webhooks.rows import NewEvent, callback_owner
from onesixty.webhooks.secrets import KEY_BYTES
from onesixty.webhooks.service import Webhooks
from onesixty.webhooks.sink import WebhookSink
from onesixty.work.queue import WorkQueue

#: The column of the type in a row of `event_insert`. Every event is counted, so rows are not decoded for it.
_EVENT_TYPE = NewEvent._fields.index("type")


class WebhooksFeature(Feature):
    """The listeners in memory, the delivery of webhooks (unless the second process does it), and the endpoints."""

    cleaners = ("delivery_attempts_forget", "webhook_figures_forget")

    def __init__(
        self,
        node: Context,
        *,
        accounts: Container[str],
        numbers: OwnNumbers,
        poster: Poster | None,
        also: EventRows | None = None,
    ) -> None:
        """`numbers` decides which incoming messages go to webhooks; `poster` replaces HTTP. `also`
        writes the rows of further receivers of events."""
        self._node = node
        self._accounts = accounts
        settings, store, clock = node.settings, node.store, node.clock
        self.listeners = EndpointTable(node.keyring)
        self._poster = poster or HttpPoster(node.net, clock, allow_private=settings.webhook_allow_private)
        self._queue: WorkQueue | None = None
        if not node.two_processes:
            sink = WebhookSink(
                store,
                self._poster,
                self.listeners,
                clock=clock,
                entropy=secrets.token_bytes,
                observer=node.observer.webhooks,
                hit=node.fault,
            )
            self._queue = node.work_queue(sink)
        self._feed = Feed(store, clock, watch_others=store.dialect == "postgresql")
        #: Writes events, including those that are not about a message.
        self.events = EventEffect(
            self.listeners,
            node.ids,
            claim=self._claim,
            channels=node.channels,
            wanted=numbers.wants_webhooks,
            also=also,
            listens=self._feed.is_open_to,
        )
        store.subscribe("event_insert", self._count_events)

    def _claim(self, lane: str) -> int:
        """The claim of a delivery that is written now; the second process takes those written under the lease."""
        return self._node.lease.claim() if self._queue is None else self._queue.claim(lane)

    def _count_events(self, rows: list[Row]) -> None:
        for row in rows:
            self._node.observer.event(str(row[_EVENT_TYPE]))

    async def post(
        self, tenant: Tenant, lane: str, url: str, id_: str, body: bytes, content_type: str
    ) -> Answer:
        """Post something that is no event once, signed with the secret of the tenant's status callbacks. `id_` is its
        `webhook-id`. Raises StoreError."""
        owner, table, node = callback_owner(tenant), self.listeners, self._node
        await table.refresh(node.store)
        if not table.signs(owner):
            key = secrets.token_bytes(KEY_BYTES)
            await make_callback_secret(node.store, table, owner, key, node.clock.now_ms())
        keys = table.callback_keys(owner, node.clock.now_ms())
        return await answered(self._poster, Outgoing(lane, url, id_, body, keys, content_type))

    def effects(self) -> Sequence[Effect]:
        """See Feature."""
        return [self.events]

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        node = self._node
        webhooks = Webhooks(
            node.store,
            self.listeners,
            clock=node.clock,
            id_source=node.ids,
            entropy=secrets.token_bytes,
            allow_private=node.settings.webhook_allow_private,
            sealer=node.keyring,
            effects=node.row_effects,
        )
        deliveries = Deliveries(
            node.store,
            self._poster,
            clock=node.clock,
            id_source=node.ids,
            kept_days=node.settings.retention_events_days,
        )
        reading = DeliveryReading(node.store, node.clock)
        own = webhook_routes(webhooks, reading, deliveries, node.notes, node.idempotency, self._accounts)
        return [own, feed_routes(self._feed, node.channels)]

    async def history(self, message: Message, operator: bool) -> Sequence[Entry]:
        """See Feature."""
        return await told(self._node.store, message)

    def scrub(self, message: Message) -> Sequence[Write]:
        """See Feature."""
        return redact(message.id, self._node.clock.now_ms())

    def gauges(self, metrics: Metrics) -> None:
        """See Feature."""
        observer, queue = self._node.observer.webhooks, self._queue
        metrics.outbox_pending.read_from(
            lambda: {(): observer.pending + (0 if queue is None else queue.state()["waiting"])}
        )

    async def load(self) -> None:
        """See Feature."""
        await self.listeners.refresh(self._node.store)

    async def start(self) -> None:
        """See Feature."""
        if self._queue is not None:
            await self._queue.start()

    async def close(self, seconds: float) -> None:
        """Close the live feeds."""
        self._feed.close()

    async def stop(self, seconds: float) -> None:
        """See Feature."""
        if self._queue is not None:
            await self._queue.stop(seconds / 8)
