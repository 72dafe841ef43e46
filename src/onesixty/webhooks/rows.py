"""The rows of events and webhooks, and the names of lanes.

Rules kept here:
- the lane of an endpoint's deliveries is the endpoint's id; such a row has no target;
- status callbacks of one owner to one origin share a lane, and `target` has the URL. An owner is an account in one
  mode, because test and live callbacks are signed with different secrets.
"""

from __future__ import annotations

from collections.abc import Container
from functools import lru_cache
from typing import ClassVar, Final, NamedTuple, Protocol

from onesixty.core import event_body
from onesixty.core.contracts import Write
from onesixty.core.tenant import Tenant
from onesixty.http import urls
from onesixty.store.contract import Row, Store
from onesixty.webhooks.policy import POLICY
from onesixty.work.item import Item

#: The sink of webhooks and status callbacks.
SINK: Final = "webhook"


class CallbackLane(NamedTuple):
    """The lane of status callbacks: the secret's owner, and the origin of the receiver (scheme, host, port)."""

    owner: str
    origin: str

    @property
    def name(self) -> str:
        """The column `lane`."""
        return f"{self.owner} {self.origin}"


def callback_owner(tenant: Tenant) -> str:
    """The owner of the secret that signs a status callback: an account in one mode. Test keys must not learn the
    live one.
    """
    return f"{tenant.account_id} test" if tenant.test else tenant.account_id


@lru_cache(4096)
def callback_lane(tenant: Tenant, url: str) -> str:
    """The name of the lane of a status callback."""
    return CallbackLane(callback_owner(tenant), urls.parse(url).origin).name


@lru_cache(4096)
def callback_of(lane: str) -> CallbackLane | None:
    """The lane of status callbacks with this name; None for the lane of an endpoint."""
    owner, separator, origin = lane.rpartition(" ")
    return CallbackLane(owner, origin) if separator else None


class NewEvent(NamedTuple):
    """A row of `event_insert`: its params in order. `core.event_body` defines `data` and `state`."""

    id: str
    account_id: str
    message_id: str | None
    type: str
    sequence: int
    test: bool
    data: str
    created_at: int
    state: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it can be told at once; otherwise it is read from its row."""
        return is_whole(self)

    def told(self) -> str:
        """The body of the event, if it is whole."""
        if self.state is not None:
            return event_body.told_whole(self.id, self.type, self.created_at, self.sequence, self.data)
        return event_body.told(self.id, self.type, self.created_at, self.sequence, self.message_id, self.data)


class NewDelivery(NamedTuple):
    """A row of `delivery_insert`: its params in order. `subject` is the event's id."""

    id: str
    subject: str
    account_id: str
    lane: str
    target: str | None
    claim: int
    created_at: int
    expires_at: int


class Follower(Protocol):
    """What learns of events after their commit on this node. Implemented by `limits.hold.LimitHold`."""

    #: The types of the events.
    follows: ClassVar[Container[str]]

    def listening(self) -> bool:
        """Whether it wants to know now: if not, no row is looked at."""

    def told(self, type_: str, tenant: Tenant) -> None:
        """An event is on disk."""


_ACCOUNT, _TYPE, _TEST, _DATA, _STATE = (
    NewEvent._fields.index(name) for name in ("account_id", "type", "test", "data", "state")
)


def is_whole(row: Row) -> bool:
    """`NewEvent.is_whole` of a row, which costs less than to make one of it."""
    return row[_STATE] is None or bool(row[_DATA])


def follow_events(store: Store, follower: Follower) -> None:
    """Tell a follower of the events that are committed through this store. Rows are not decoded for it: nearly every
    change of a message writes one."""

    def committed(rows: list[Row]) -> None:
        if follower.listening():
            for row in rows:
                if row[_TYPE] in follower.follows:
                    follower.told(row[_TYPE], Tenant(row[_ACCOUNT], row[_TEST]))

    store.subscribe("event_insert", committed)


# A message writes five of these rows, so they are plain tuples, which cost an eighth.


def event_insert(
    event_id: str, account_id: str, message_id: str | None, type_: str, sequence: int, test: bool, data: str, at: int,
    state: str | None = None,
) -> Write:  # fmt: skip
    """The write of an event: a `NewEvent`."""
    return "event_insert", (event_id, account_id, message_id, type_, sequence, test, data, at, state)


def delivery_insert(
    delivery_id: str, event_id: str, account_id: str, *, lane: str, url: str | None, claim: int, at: int
) -> Write:
    """The write of a delivery that is due at once and kept for 72 hours: a `NewDelivery`."""
    return "delivery_insert", (delivery_id, event_id, account_id, lane, url, claim, at, at + POLICY.life_ms)


def item_of(row: Row) -> Item:
    """A `NewDelivery` as work in memory."""
    id_, subject, account_id, lane, target, claim, _, expires_at = row
    return Item(id_, lane, account_id, subject, None, target, None, None, 0, claim, expires_at)
