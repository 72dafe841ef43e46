"""Reads deliveries: those of an endpoint by filters, one with its attempts, those of a message, and the figures of an
endpoint.

Rules kept here:
- the deliveries of an event are found by their ids, which are made in the same call as the event's, so that no index
  by event is needed; repeated ones are marked and have a small index;
- a list reads at most so many rows for a page; a page may be shorter than asked for although more follow;
- a request is shown as it would be sent now: with the event as it is, so that a redaction reaches it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from onesixty.core import event_body, ids, times
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.history import DELIVERY, Entry
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.store import slices
from onesixty.store.contract import Row, Store
from onesixty.webhooks import exchange, figures, signing
from onesixty.webhooks.figures import HOUR_MS
from onesixty.webhooks.http_poster import head_of
from onesixty.webhooks.tables import Webhook

STATUSES: Final = ("pending", "delivered", "failed")
#: How many waiting deliveries are counted.
MOST_WAITING: Final = 10_000
#: How long after its time a delivery may have its id, in ms. An id is never made before.
_LATE_MS: Final = 60_000


class Delivery(msgspec.Struct):
    """A delivery: a row of `work` with the type and time of its event. Times in epoch milliseconds."""

    id: str
    event_id: str
    type: str
    message_id: str | None
    status: str
    tries: int
    due_at: int | None
    created_at: int
    expires_at: int
    done_at: int | None
    response_status: int | None
    error: str | None


#: How long after an event the ids of its first deliveries are looked for, in ms. They are made with it, in one call.
_TOGETHER_MS: Final = 100


async def of_event(store: Store, event_id: str) -> list[tuple[Delivery, str, str | None]]:
    """The deliveries of an event, each with its lane and the URL of a status callback."""
    at = ids.made_at(event_id)
    rows = await store.fetch(
        "deliveries_of_event",
        event_id=event_id,
        first=ids.lowest_at(ids.DELIVERY, at),
        last=ids.lowest_at(ids.DELIVERY, at + _TOGETHER_MS),
    )
    rows += await store.fetch("deliveries_repeated", event_id=event_id)
    return [(Delivery(*row[:-2]), str(row[-2]), row[-1]) for row in {row[0]: row for row in rows}.values()]


async def told(store: Store, message: Message) -> list[Entry]:
    """What deliveries tell in the history of a message: each where it stands."""
    entries = []
    for event_id, *_ in await store.fetch("events_of_message", message_id=message.id):
        for delivery, lane, target in await of_event(store, event_id):
            fields = {
                "type": "delivery",
                "delivery_id": delivery.id,
                "event_id": delivery.event_id,
                "event": delivery.type,
                "webhook_id": lane if target is None else None,
                "status": delivery.status,
                "attempts": delivery.tries,
                "response_status": delivery.response_status,
                "error_text": delivery.error,
                "created_at": times.to_text(delivery.created_at),
                "next_attempt_at": times.text_or_none(delivery.due_at if delivery.tries else None),
            }
            at = delivery.created_at if delivery.done_at is None else delivery.done_at
            entries.append(Entry(at, DELIVERY, fields))
    return entries


def view(delivery: Delivery) -> dict[str, Any]:
    """A delivery as the API shows it."""
    text = times.text_or_none
    return {
        "id": delivery.id,
        "event_id": delivery.event_id,
        "type": delivery.type,
        "message_id": delivery.message_id,
        "status": delivery.status,
        "attempts": delivery.tries,
        "response_status": delivery.response_status,
        "error": delivery.error,
        "created_at": text(delivery.created_at),
        "next_attempt_at": text(delivery.due_at),
        "expires_at": text(delivery.expires_at),
        "done_at": text(delivery.done_at),
    }


class Filters(msgspec.Struct, kw_only=True, frozen=True):
    """The filters of a list. None and empty are no filter; times are epoch ms, the first inclusive."""

    status: str | None = None
    types: Sequence[str] = ()
    message_id: str | None = None
    event_id: str | None = None
    created_after: int | None = None
    created_before: int | None = None

    def passes(self, delivery: Delivery) -> bool:
        """Whether a delivery of the right message or event passes the other filters."""
        return (
            (self.status is None or delivery.status == self.status)
            and (not self.types or delivery.type in self.types)
            and (self.created_after is None or delivery.created_at >= self.created_after)
            and (self.created_before is None or delivery.created_at < self.created_before)
        )


class DeliveryReading:
    """Reads deliveries of webhooks that the caller may access."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def page(
        self, webhook: Webhook, filters: Filters, limit: int, after: str | None
    ) -> tuple[list[Delivery], str | None]:
        """Deliveries of an endpoint, newest first, and the cursor of the next page."""
        if filters.message_id is not None or filters.event_id is not None:
            return await self._about(webhook, filters, limit, after)
        first, below = ids.span(
            ids.DELIVERY, filters.created_after, filters.created_before, after, late=_LATE_MS
        )

        async def ends(first: str, below: str, count: int) -> list[Row]:
            return await self._store.fetch(
                "deliveries_slice", endpoint_id=webhook.id, first=first, after=below, count=count
            )

        async def rows(first: str, below: str, count: int) -> list[Row]:
            return await self._store.fetch(
                "deliveries_of_endpoint",
                endpoint_id=webhook.id,
                first=first,
                after=below,
                any_status=int(filters.status is None),
                status=filters.status or "",
                any_type=int(not filters.types),
                types=list(filters.types),
                created_after=filters.created_after or 0,
                created_before=times.NEVER if filters.created_before is None else filters.created_before,
                count=count,
            )

        found, next_ = await slices.page(first, below, limit, ends=ends, rows=rows)
        return [Delivery(*row) for row in found], next_

    async def _about(
        self, webhook: Webhook, filters: Filters, limit: int, after: str | None
    ) -> tuple[list[Delivery], str | None]:
        """The deliveries of one message or event, which are few."""
        event_ids = [filters.event_id or ""]
        if filters.message_id is not None:
            rows = await self._store.fetch("events_of_message", message_id=filters.message_id)
            event_ids = [str(row[0]) for row in rows if filters.event_id in (None, row[0])]
        found = [
            delivery
            for event_id in event_ids
            if ids.is_id(ids.EVENT, event_id)
            for delivery, lane, target in await of_event(self._store, event_id)
            if lane == webhook.id and target is None and filters.passes(delivery)
        ]
        found = sorted((one for one in found if after is None or one.id < after), key=_by_id, reverse=True)
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    async def get(self, tenant: Tenant, delivery_id: str) -> dict[str, Any]:
        """One delivery with what is kept of its attempts, as the API shows it. Raises Problem `not_found`."""
        rows = (
            await self._store.fetch("delivery_get", id=delivery_id, **tenant.params)
            if ids.is_id(ids.DELIVERY, delivery_id)
            else []
        )
        if not rows:
            raise Problem("not_found", "Delivery not found.")
        *fields, lane, target = rows[0]
        delivery = Delivery(*fields)
        events = await self._store.fetch("events_bodies", ids=[delivery.event_id])
        body = event_body.told(*events[0]) if events else ""
        kept = await self._store.fetch("delivery_attempts_of", delivery_id=delivery.id)
        return {
            **view(delivery),
            "webhook_id": lane if target is None else None,
            "tries": [_attempt(delivery, row, body) for row in kept],
        }

    async def statistics(self, webhook: Webhook, hours: int) -> dict[str, Any]:
        """The figures of an endpoint in the last hours, as the API shows them."""
        now = self._clock.now_ms()
        until = now // HOUR_MS * HOUR_MS + HOUR_MS
        since = until - hours * HOUR_MS
        found = await figures.summary(self._store, webhook.id, since, until)
        ((waiting, oldest),) = await self._store.fetch(
            "deliveries_waiting", lane=webhook.id, most=MOST_WAITING
        )
        return {
            "webhook_id": webhook.id,
            "since": times.to_text(since),
            "as_of": times.to_text(now),
            "attempts": found.delivered + found.failed,
            "delivered": found.delivered,
            "failed": found.failed,
            "success_rate": found.success_rate,
            "p50_ms": found.p50,
            "p95_ms": found.p95,
            "failing_since": times.text_or_none(webhook.failing_since),
            "paused_at": times.text_or_none(webhook.paused_at),
            "waiting": waiting,
            "waiting_since": times.text_or_none(oldest),
            "hours": [
                {"start": times.to_text(one.start), "delivered": one.delivered, "failed": one.failed}
                for one in found.hours
            ],
        }


def _by_id(delivery: Delivery) -> str:
    return delivery.id


def _attempt(delivery: Delivery, row: Row, body: str) -> dict[str, Any]:
    """An attempt as the API shows it."""
    attempt, at, milliseconds, url, status, error, headers, answered = row
    octets = body.encode()
    signed = signing.headers(delivery.event_id, at // 1000, octets, (b"",))
    heard = None
    if headers is not None:
        heard = {"headers": _fields(msgspec.json.decode(headers)), "body": answered or ""}
    return {
        "attempt": attempt,
        "at": times.to_text(at),
        "milliseconds": milliseconds,
        "response_status": status,
        "error": error or (None if status is not None and 200 <= status < 300 else f"status {status}"),
        "request": {
            "method": "POST",
            "url": url,
            "headers": _fields(exchange.requested(head_of(url, "application/json", signed, len(octets)))),
            "body": octets[: exchange.MOST_BODY].decode("utf-8", "ignore"),
            "body_cut": len(octets) > exchange.MOST_BODY,
        },
        "response": heard,
    }


def _fields(pairs: Sequence[Sequence[str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
