"""Writes events: for a change of a message, the rows of its event and of the deliveries of that event.

Rules kept here:
- a change without an event writes nothing; a change with one always writes the event, even without listeners;
- `data` is the message as `GET` shows it after that change, stored as `core.event_body` defines;
- an event that no receiver gets and no live feed shows has no `data` beside its state: it would be made, and sent to
  the second process, for nobody. A feed that opens before the commit reads the row;
- there is one delivery for each matching endpoint, and one for the message's status_callback; each lasts 72 hours;
- redaction covers every event of the message.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from onesixty.core import event_body, ids, times
from onesixty.core.channel import Channels
from onesixty.core.contracts import Write
from onesixty.core.events import RECEIVED
from onesixty.core.ids import IdSource
from onesixty.core.message import UNCLAIMED, Change, Message
from onesixty.core.tenant import Tenant
from onesixty.webhooks.listeners import EndpointTable
from onesixty.webhooks.rows import callback_lane, delivery_insert, event_insert

#: For the lane of a new delivery: the id of the lease that claims it, or UNCLAIMED if the queue has no room.
Claim = Callable[[str], int]


#: The rows of an event for receivers that are no webhooks: gets the event's id and type, the tenant, the time in
#: epoch ms.
EventRows = Callable[[str, str, Tenant, int], Sequence[Write]]


def unclaimed(_lane: str) -> int:
    """The claim of a process that does not deliver: the rows wait for one that does."""
    return UNCLAIMED


def everybody(_tenant: Tenant) -> bool:
    """Every tenant may listen: whole events for all."""
    return True


class EventEffect:
    """See `core.contracts.Effect`. `claim` is that of the queue of webhooks, if one runs in this process."""

    #: See `core.contracts.Effect`.
    only_events: ClassVar[bool] = True

    __slots__ = ("_also", "_claim", "_endpoints", "_ids", "_listens", "_view", "_wanted")

    def __init__(
        self,
        endpoints: EndpointTable,
        id_source: IdSource,
        claim: Claim = unclaimed,
        *,
        channels: Channels,
        wanted: Callable[[Message], bool] | None = None,
        also: EventRows | None = None,
        listens: Callable[[Tenant], bool] = everybody,
    ) -> None:
        """`channels` show the messages. `wanted` says whether webhooks get an incoming message; without it they
        do. `also` writes the rows of further receivers. `listens` says whether a tenant follows the live feed."""
        self._endpoints = endpoints
        self._ids = id_source
        self._claim = claim
        self._view = channels.view
        self._wanted = wanted
        self._also = also
        self._listens = listens

    def __call__(self, change: Change) -> list[Write]:
        type_ = change.event
        if type_ is None:
            return []
        message, at, new = change.after, change.at, self._ids.new
        tenant = message.tenant
        account_id, test = tenant
        event_id = new(ids.EVENT)
        endpoints = self._endpoints.matching(tenant, type_)
        heard = bool(endpoints) or message.status_callback is not None or self._listens(tenant)
        data, state = event_body.stored(message, type_, at, self._view, heard=heard)
        writes: list[Write] = [
            event_insert(event_id, account_id, message.id, type_, message.sequence, test, data, at, state)
        ]
        if self._also is not None:
            writes += self._also(event_id, type_, tenant, at)
        if type_ == RECEIVED and self._wanted is not None and not self._wanted(message):
            return writes
        for endpoint in endpoints:
            lane = endpoint.id
            writes.append(
                delivery_insert(
                    new(ids.DELIVERY), event_id, account_id, lane=lane, url=None,
                    claim=self._claim(lane), at=at,
                )
            )  # fmt: skip
        if message.status_callback:
            lane = callback_lane(tenant, message.status_callback)
            writes.append(
                delivery_insert(
                    new(ids.DELIVERY), event_id, account_id, lane=lane, url=message.status_callback,
                    claim=self._claim(lane), at=at,
                )
            )  # fmt: skip
        return writes

    def tell(self, tenant: Tenant, type_: str, data: dict[str, Any], at: int) -> list[Write]:
        """The writes of an event that only the live feed has (`events.FEED_TYPES`)."""
        account_id, test = tenant
        kept = event_body.kept_whole(data)
        return [event_insert(self._ids.new(ids.EVENT), account_id, None, type_, 0, test, kept, at)]

    def announce(self, tenant: Tenant, type_: str, data: dict[str, Any], at: int) -> list[Write]:
        """The writes of an event that is not about a message: its row, and a delivery for each endpoint."""
        event_id = self._ids.new(ids.EVENT)
        account_id, test = tenant
        kept = event_body.kept_whole(data)
        writes = [event_insert(event_id, account_id, None, type_, 0, test, kept, at)]
        if self._also is not None:
            writes += self._also(event_id, type_, tenant, at)
        for endpoint in self._endpoints.matching(tenant, type_):
            writes.append(
                delivery_insert(
                    self._ids.new(ids.DELIVERY), event_id, account_id, lane=endpoint.id,
                    url=None, claim=self._claim(endpoint.id), at=at,
                )
            )  # fmt: skip
        return writes


def redact(message_id: str, at: int) -> list[Write]:
    """The writes that redact text and number in every event of a message, and in what receivers answered to them
    (docs/how-to/keep-and-delete.md).

    Pending deliveries then contain the redacted event. Idempotent.
    """
    return [("event_redact", (message_id, times.to_text(at))), ("delivery_attempts_redact", (message_id,))]
