"""What a door asks of the message path: an order for one message, or an edit of a waiting one. Both already have the
right types, but are not judged yet.

Each channel has an order and an edit of its own, with the fields of its content: those of SMS are in
`channels/sms/orders.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final, Literal, Protocol

import msgspec
from msgspec import UNSET, UnsetType

from onesixty.core.contracts import Consequences, Write
from onesixty.core.grant import Grant
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant

#: What several messages may have in common: the tenant, what an order says, and what was read from its recipient and
#: its text. What depends on nothing else has one answer for all of them (`messages.express`).
Fact = Literal["account", "test", "channel", "class", "sender", "country", "network", "encoding", "segments"]


class Replay(Exception):
    """The order's idempotency key is taken. The door answers with the bytes of the first answer."""


class Idempotency(Protocol):
    """A door's guard against sending twice. It is written in the message's own unit."""

    @property
    def lock(self) -> str:
        """The lock that two requests with the same key share; units with one lock never share a group."""

    def guard(self, message: Message) -> Write:
        """The conditional insert that stores the answer for `message`."""


class Order(msgspec.Struct, kw_only=True):
    """One message to send, apart from its content. `channel` is the name of the channel that reads it.
    `scheduled_at` is in epoch ms, `valid_for` in seconds; None if the caller did not set it. So is `sender`.

    `message_id` is set by a caller that needs to know it beforehand (batches), `origin` by a door that has to
    recognize its message. `carrier` is the one carrier that an operator tries: past all routes, and free of charge.
    `guards` are further guards of the message's unit: what they write is committed with the message or not at all. It
    may also return writes, and the keys of other rows that the unit touches.
    `grant` is what its caller may send, if that is less than the account may. `alone` says that a step reads its
    memo, so no other order is like it.
    """

    channel: ClassVar[str]

    tenant: Tenant
    sender: str | None
    recipient: str
    scheduled_at: int | None = None
    valid_for: int | None = None
    priority: int = 0
    class_: str | None = None
    reference: str | None = None
    tags: list[str] = []
    status_callback: str | None = None
    on_unknown: str | None = None
    route: str | None = None
    carrier: str | None = None
    origin: str | None = None
    message_id: str | None = None
    batch_id: str | None = None
    idempotency: Idempotency | None = None
    guards: Callable[[Message], tuple[Write, ...] | Consequences] | None = None
    grant: Grant | None = None
    alone: bool = False

    @property
    def is_guarded(self) -> bool:
        """Whether its door guards against sending it twice, so that a lost guard means that it was sent before."""
        return self.idempotency is not None or self.guards is not None

    def plain(self) -> PlainOrder | None:
        """What is to be judged of it, as a plain order; None if it has options that a plain order has not."""
        return None

    def full(self) -> Order:
        """Itself: see `PlainOrder`."""
        return self


class PlainOrder(Protocol):
    """An order with nothing beside what nearly all have: to send one text now, without options. `origin`, `batch_id`
    and `message_id` are those of an order; nothing depends on them. `valid_for` is in seconds; None is the
    default of the class. Implemented by `channels.sms.orders.PlainSend`."""

    channel: ClassVar[str]
    idempotency: ClassVar[None]
    guards: ClassVar[None]
    is_guarded: ClassVar[bool]

    tenant: Tenant
    sender: str
    recipient: str
    text: str
    class_: str | None
    reference: str | None
    origin: str | None
    batch_id: str | None
    message_id: str | None
    valid_for: int | None

    def plain(self) -> PlainOrder:
        """Itself: see `Order`."""

    def full(self) -> Order:
        """The same as an order of its channel."""


class Edit(msgspec.Struct, kw_only=True):
    """The changes to a message, apart from its content; an UNSET field stays as it is. `scheduled_at` and
    `expires_at` are in epoch ms.

    `valid_for` is in seconds from `scheduled_at`, or from acceptance; None is the default of the class. `expires_at`
    can be set in its place. `scheduled_at` None means as soon as possible, `on_unknown` None the default of the
    class.

    An edit of this type changes a message of any channel. The edit of a channel adds the fields of its content.
    `grant` is what its caller may send, if that is less than the account may.
    """

    channel: ClassVar[str] = ""

    grant: Grant | None = None

    sender: str | UnsetType = UNSET
    scheduled_at: int | UnsetType | None = UNSET
    valid_for: int | UnsetType | None = UNSET
    expires_at: int | UnsetType = UNSET
    priority: int | UnsetType = UNSET
    class_: str | UnsetType = UNSET
    reference: str | UnsetType | None = UNSET
    tags: list[str] | UnsetType = UNSET
    status_callback: str | UnsetType | None = UNSET
    on_unknown: str | UnsetType | None = UNSET
    route: str | UnsetType | None = UNSET
    origin: str | UnsetType | None = UNSET

    @property
    def fields(self) -> frozenset[str]:
        """The names of the fields to change."""
        return frozenset(
            name for name in self.__struct_fields__ if name != "grant" and getattr(self, name) is not UNSET
        )


#: The fields of an edit that every channel has.
NEUTRAL: Final = frozenset(Edit.__struct_fields__) - {"grant"}
