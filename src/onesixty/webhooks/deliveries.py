"""Delivers events again, and sends tests.

Rules kept here:
- a repeated delivery is a new row for the same event, with the same webhook-id and 72 hours of its own;
- a replay names events, or a message, or a time range with `failed_only` and types; it never reaches another
  account's events. A dry run only counts;
- events past their retention time are not delivered again, so that they can be deleted;
- a test is sent once and at once, and its answer is returned; the event is stored like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from onesixty.core import event_body, ids
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.core.message import UNCLAIMED
from onesixty.store.contract import Store
from onesixty.store.units import StoreError, Unit
from onesixty.webhooks import secrets
from onesixty.webhooks.listeners import ALL
from onesixty.webhooks.poster import Outgoing, Poster, answered
from onesixty.webhooks.rows import NewEvent, delivery_insert
from onesixty.webhooks.tables import Webhook

TEST: Final = "webhook.test"

#: How many deliveries one call repeats; the answer says where to continue.
MAX_REPLAY: Final = 1000
#: How many events a dry run counts, and how many of them it names.
MOST_COUNTED: Final = 100_000
SAMPLES: Final = 10


class Replayed(NamedTuple):
    """How many events are delivered again, or would be; the `since` to continue with if there are more; and of a dry
    run some of them."""

    matching: int
    next_since: int | None
    sample: list[str]


class Deliveries:
    """Repeats deliveries of webhooks that the caller may access."""

    def __init__(
        self, store: Store, poster: Poster, *, clock: Clock, id_source: IdSource, kept_days: int = 0
    ) -> None:
        """`kept_days`: the retention time of events; 0 is forever."""
        self._kept_ms = kept_days * 86_400_000
        self._store = store
        self._poster = poster
        self._clock = clock
        self._ids = id_source

    async def replay(
        self,
        webhook: Webhook,
        *,
        event_ids: list[str] | None = None,
        since: int | None = None,
        until: int | None = None,
        failed_only: bool = False,
        types: Sequence[str] = (),
        message_id: str | None = None,
        dry_run: bool = False,
    ) -> Replayed:
        """Deliver events of this endpoint again; a dry run only counts them.

        `event_ids` may also name events from before the endpoint was created, and so does a message; a time range
        (epoch ms, `until` exclusive) selects the events that were meant for it, of these types. The oldest events
        come first.
        """
        if event_ids is None and message_id is None and since is None and until is None and not failed_only:
            raise Problem(
                "missing_field",
                "Name `event_ids`, `message_id`, a time range (`since`, `until`), or `failed_only`.",
                param="event_ids",
            )
        types = () if ALL in types else types
        if message_id is not None:
            if event_ids is not None:
                raise Problem(
                    "invalid_field", "`event_ids` and `message_id` exclude each other.", param="message_id"
                )
            own = await self._store.fetch("message_of_account", id=message_id, **webhook.tenant.params)
            if not own:
                raise Problem("not_found", "Message not found.", param="message_id")
            rows = await self._store.fetch("events_of_message", message_id=message_id)
            event_ids = [str(row[0]) for row in rows if not types or row[1] in types]
        most = MOST_COUNTED if dry_run else MAX_REPLAY
        oldest = self._clock.now_ms() - self._kept_ms if self._kept_ms else 0
        if event_ids is not None:
            rows = await self._store.fetch(
                "events_to_replay", **webhook.tenant.params,
                ids=event_ids[: MAX_REPLAY + 1],
            )  # fmt: skip
            lowest = ids.lowest_at(ids.EVENT, oldest)
            found = [str(row[0]) for row in rows if str(row[0]) >= lowest]
            known = set(found)
            unknown = next((id_ for id_ in event_ids if id_ not in known), None)
            if len(event_ids) > MAX_REPLAY:
                raise Problem(
                    "invalid_field", f"`event_ids` must have at most {MAX_REPLAY} entries.", param="event_ids"
                )
            if unknown is not None:
                raise Problem("not_found", f"Unknown event `{unknown[:40]}`.", param="event_ids")
        else:
            rows = await self._store.fetch(
                "deliveries_to_replay", endpoint_id=webhook.id, any_status=int(not failed_only),
                first=ids.lowest_at(ids.DELIVERY, max(since or 0, oldest)),
                since=ids.lowest_at(ids.EVENT, max(since or 0, oldest)),
                until=ids.lowest_at(ids.EVENT, until) if until is not None else ids.end_of(ids.EVENT),
                any_type=int(not types), types=list(types), count=most + 1,
            )  # fmt: skip
            found = [str(row[0]) for row in rows]
        more = ids.made_at(found[most]) if len(found) > most else None
        found = found[:most]
        if dry_run:
            return Replayed(len(found), more, found[:SAMPLES])
        return Replayed(await self._again(webhook, found), more, [])

    async def _again(self, webhook: Webhook, event_ids: list[str]) -> int:
        at = self._clock.now_ms()
        units = []
        for event_id in event_ids:
            id_ = self._ids.new(ids.DELIVERY)
            write = delivery_insert(
                id_, event_id, webhook.account_id, lane=webhook.id, url=None, claim=UNCLAIMED, at=at,
            )  # fmt: skip
            units.append(Unit(keys=(id_,), writes=(write, ("delivery_replayed", (id_,)))))
        results = await self._store.commit(units)
        if any(isinstance(result, StoreError) for result in results):
            raise Problem("unavailable")
        return len(units)

    async def test(self, webhook: Webhook) -> dict[str, Any]:
        """Send a `webhook.test` event to the endpoint and return its answer. Works for disabled endpoints too."""
        at = self._clock.now_ms()
        event_id = self._ids.new(ids.EVENT)
        data = event_body.kept_whole({"webhook_id": webhook.id, "url": webhook.url})
        row = NewEvent(event_id, webhook.account_id, None, TEST, 0, webhook.test, data, at)
        (result,) = await self._store.commit([Unit(keys=(event_id,), writes=(("event_insert", row),))])
        if isinstance(result, StoreError):
            raise Problem("unavailable")
        keys = secrets.keys_at(secrets.parse_column(webhook.secret), at)
        began = self._clock.monotonic()
        outgoing = Outgoing(f"test {webhook.id}", webhook.url, event_id, row.told().encode(), keys)
        answer = await answered(self._poster, outgoing)
        self._poster.forget(outgoing.lane)
        return {
            "event_id": event_id,
            "delivered": answer.delivered,
            "response_status": answer.status,
            "error": answer.error or (None if answer.delivered else f"status {answer.status}"),
            "milliseconds": round((self._clock.monotonic() - began) * 1000),
        }
