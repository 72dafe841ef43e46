"""The use of the work queue for webhooks: sends a delivery, and decides by the HTTP status whether it is done.

Rules kept here (promise 7):
- 2xx means delivered; 410 is permanent and disables the endpoint; everything else is retried;
- 429 and 503 with a Retry-After pause all deliveries to this receiver;
- a delivery sends its event as stored at that moment: after a redaction, the redacted one;
- failed attempts are kept with what was answered (`attempts`), and all are counted (`figures`);
- the row of an endpoint records whether it is failing, paused or deleted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol

import structlog

from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.store.contract import Row, Store, no_fault
from onesixty.webhooks import rows, secrets
from onesixty.webhooks.attempts import Attempts
from onesixty.webhooks.contents import Content, Contents
from onesixty.webhooks.figures import Figures
from onesixty.webhooks.listeners import EndpointTable, make_callback_secret
from onesixty.webhooks.policy import POLICY
from onesixty.webhooks.poster import Answer, Outgoing, Poster
from onesixty.webhooks.rows import NewEvent, callback_of
from onesixty.work.item import Item
from onesixty.work.lane import Lane, Step
from onesixty.work.policy import Policy
from onesixty.work.sink import Done, Outcome, Result, Sink, Verdict

_GONE: Final = 410
#: With a Retry-After, these pause all deliveries to the receiver.
_BACK_OFF_STATUSES: Final = (429, 503)
#: Committed events whose deliveries have not been taken yet; events without listeners are dropped then.
_MOST_FRESH: Final = 2_000


class Observer(Protocol):
    """The reports of webhooks. Implemented by `kit.observer.WebhookObserver`, which makes metrics of them."""

    def attempt(self, result: str, seconds: float) -> None:
        """One attempt ended: delivered, retried, failed, or refused (its address is not allowed; it is retried as
        well).
        """


class _Nobody:
    """Accepts reports and ignores them."""

    def attempt(self, result: str, seconds: float) -> None:
        """See Observer."""


class WebhookSink(Sink):
    """See `work.sink.Sink`. `entropy(n)` returns n unpredictable bytes, for secrets."""

    name = rows.SINK
    insert = "delivery_insert"

    def __init__(
        self,
        store: Store,
        poster: Poster,
        endpoints: EndpointTable,
        *,
        clock: Clock,
        entropy: Callable[[int], bytes],
        observer: Observer | None = None,
        policy: Policy = POLICY,
        hit: Callable[[str], None] = no_fault,
    ) -> None:
        self.policy = policy
        self._store = store
        self._poster = poster
        self._endpoints = endpoints
        self._clock = clock
        self._entropy = entropy
        self._observer = observer or _Nobody()
        self._hit = hit
        self._fresh: dict[str, Row] = {}
        self._contents = Contents(store)
        self._attempts = Attempts(clock)
        self._figures = Figures(clock, self._write)
        self._log = structlog.get_logger("onesixty.webhooks")

    async def start(self) -> None:
        """Load the listeners; subscribe to events and redactions. Raises StoreError."""
        await self._endpoints.refresh(self._store)
        self._endpoints.on_change(self._changed)
        self._store.subscribe("event_insert", self._events)
        self._contents.start(self.queue.items)

    async def close(self) -> None:
        await self._poster.close()
        self._figures.flush()

    async def refresh(self) -> None:
        await self._endpoints.refresh(self._store)

    # ------------------------------------------------------------ receivers

    def open(self, lane: str) -> bool:
        endpoint = self._endpoints.get(lane)
        return endpoint is None or endpoint.enabled

    def ended(self, lane: str) -> str | None:
        """End the rows of a deleted endpoint."""
        if callback_of(lane) is None and self._endpoints.get(lane) is None:
            return "endpoint deleted"
        return None

    def made(self, lane: Lane) -> None:
        endpoint = self._endpoints.get(lane.name)
        if endpoint is None:
            return
        lane.blocked = not endpoint.enabled
        if endpoint.failing_since is not None:
            failing = max(0, self._clock.now_ms() - endpoint.failing_since) / 1000
            lane.fails_since(self._clock.monotonic() - failing, paused=endpoint.paused_at is not None)

    def stepped(self, lane: Lane, step: Step) -> None:
        """Record that a receiver is healthy or failing, in the log and its row."""
        at = self._clock.now_ms()
        if step is Step.CLOSED:
            self._log.info("webhook_well", lane=lane.name)
            self._note(lane, "webhook_well", ())
        elif step is Step.OPENED:
            self._log.info("webhook_failing", lane=lane.name)
            now = self._clock.monotonic()
            self._note(lane, "webhook_failing", (at - int((now - (lane.failing_since or now)) * 1000),))
        elif step is Step.PAUSED:
            self._log.warning("webhook_paused", lane=lane.name)
            reason = f"The receiver has failed for {self.policy.pace.pause_after / 3600:g} hours."
            self._note(lane, "webhook_pause", (at, reason))

    def _write(self, key: str, write: Write) -> None:
        self.queue.write(key, write)

    def _note(self, lane: Lane, statement: str, params: Row) -> None:
        """Write to the row of an endpoint; status callbacks have none."""
        if self._endpoints.get(lane.name) is not None:
            self.queue.write(lane.name, (statement, (lane.name, *params)))

    def _gone(self, name: str) -> None:
        """Disable an endpoint that answered 410."""
        lane = self.queue.lane(name)
        if lane is not None and callback_of(name) is None:
            self.queue.shut(lane)
            self._log.warning("webhook_gone", lane=name)
            self._note(lane, "webhook_gone", ("The receiver answered 410 Gone.",))

    def _changed(self, changed: set[str]) -> None:
        queue = self.queue
        for name in changed:
            lane, endpoint = queue.lane(name), self._endpoints.get(name)
            if lane is None:
                continue
            self._poster.forget(name)
            if endpoint is None or not endpoint.enabled:
                queue.shut(lane)
            elif lane.blocked or (not lane.healthy and endpoint.failing_since is None):
                queue.resume(lane)
        if changed:
            queue.wake()

    # ------------------------------------------------------------ what a delivery carries

    def new(self, row: Row) -> Item:
        return rows.item_of(row)

    def _events(self, events: list[Row]) -> None:
        """Take events that were just committed; their deliveries are taken once all subscribers were called."""
        if len(self._fresh) > _MOST_FRESH:
            self._fresh.clear()
        for row in events:
            if rows.is_whole(row):
                self._fresh[row[0]] = row

    def admit(self, items: Sequence[Item]) -> None:
        fresh, self._fresh = self._fresh, {}
        told: dict[str, Content] = {}
        for item in items:
            content = told.get(item.subject)
            if content is None and (row := fresh.get(item.subject)) is not None:
                event = NewEvent._make(row)
                content = told[item.subject] = Content(event.type, event.message_id, event.told().encode())
            item.content = content

    def ready(self, item: Item) -> bool:
        if item.content is None:
            return False
        if item.target is None:
            return True
        callbacks = callback_of(item.lane)
        return callbacks is not None and self._endpoints.signs(callbacks.owner)

    async def prepare(self, items: Sequence[Item]) -> Sequence[tuple[Item, str]]:
        """Read the events of items, and create missing secrets for status callbacks."""
        missing: Sequence[tuple[Item, str]] = ()
        if any(item.content is None for item in items):
            missing = await self._contents.fill(items)
        for owner in {callbacks.owner for item in items if (callbacks := callback_of(item.lane)) is not None}:
            if not self._endpoints.signs(owner):
                key = self._entropy(secrets.KEY_BYTES)
                await make_callback_secret(self._store, self._endpoints, owner, key, self._clock.now_ms())
        return missing

    # ------------------------------------------------------------ attempts

    def send(self, item: Item, done: Done) -> None:
        now, name = self._clock.now_ms(), item.lane
        content: Content = item.content
        if item.target is None:
            endpoint = self._endpoints.get(name)
            if endpoint is None:
                ended = Outcome(Verdict.ENDED, error="endpoint deleted")
                asyncio.get_running_loop().call_soon(done, ended)
                return
            url, keys = endpoint.url, secrets.keys_at(endpoint.secrets, now)
        else:
            callbacks = callback_of(name)
            url = item.target
            keys = () if callbacks is None else self._endpoints.callback_keys(callbacks.owner, now)
        self._hit("webhooks.before_post")
        outgoing = Outgoing(name, url, item.subject, content.body, keys)
        began = self._clock.monotonic()
        self._poster.send(outgoing, partial(self._answered, item, outgoing, content.message_id, done, began))

    def _answered(
        self,
        item: Item,
        outgoing: Outgoing,
        message_id: str | None,
        done: Done,
        began: float,
        answer: Answer,
    ) -> None:
        self._hit("webhooks.after_post")
        lane = item.lane
        seconds = self._clock.monotonic() - began
        if answer.delivered:
            outcome = Outcome(Verdict.DONE, answer.status)
        elif answer.status == _GONE:
            self._gone(lane)
            outcome = Outcome(Verdict.FAILED, answer.status, "gone")
        else:
            error = answer.error or f"status {answer.status}"
            rest = answer.retry_after if answer.status in _BACK_OFF_STATUSES else None
            outcome = Outcome(Verdict.AGAIN, answer.status, error, answer.retry_after, rest)
        result = done(outcome)
        endpoint = self._endpoints.get(lane)
        test = endpoint is not None and endpoint.tenant.test
        kept = self._attempts.ended(item, outgoing, message_id, seconds, answer, test=test)
        if kept is not None:
            self.queue.write(f"{item.id} attempt", kept)
        if item.target is None:
            self._figures.count(lane, delivered=answer.delivered, seconds=seconds)
        refused = result is Result.RETRIED and answer.refused
        self._observer.attempt("refused" if refused else result.value, seconds)
