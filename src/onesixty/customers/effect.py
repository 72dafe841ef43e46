"""The effect of SMPP customers. A change of a message makes rows for the receipts that its customer asked for. An
incoming message makes rows for the customer's binds. The rows wait for a bind.

Rules kept here (docs/reference/smpp-for-customers.md; SMPP 3.4, 5.2.17):
- registered_delivery decides: 0 none, 1 each end, 2 only an end other than delivery, 3 only delivery (5.0, 4.7.21);
  with bit 0x10 also an intermediate notification when a carrier took the message;
- each part that the customer cut has its own receipt; a submit_multi has a receipt for each recipient, under one id;
- numbers are in a separate column, so that redaction can remove them;
- a plain message over HTTP costs two comparisons.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Final, NamedTuple, Protocol

import msgspec

from onesixty.channels.sms.orders import SMS
from onesixty.core import events, ids, message, statuses
from onesixty.core.contracts import Write
from onesixty.core.ids import IdSource
from onesixty.core.message import UNCLAIMED, Change, Message
from onesixty.core.tenant import Tenant
from onesixty.customers.origin import SmppOrigin, origin_of
from onesixty.customers.policy import POLICY
from onesixty.inventory.tables import NumberSettings
from onesixty.work.item import Item

#: The sink of deliveries to customers' binds.
SINK: Final = "bind"
#: The values of the column `kind`.
RECEIPT: Final = "receipt"
INBOUND: Final = "inbound"

ASKED_MASK: Final = 0x03
ASKED_ALL, ASKED_FAILURE, ASKED_SUCCESS = 1, 2, 3
ASKED_INTERMEDIATE: Final = 0x10

#: message_state (SMPP 3.4, 5.2.28) for each status that SMPP customers can see.
STATE_OF: Final[dict[str, int]] = {
    statuses.SCHEDULED: 1,
    statuses.QUEUED: 1,
    statuses.HELD: 1,
    statuses.SENT: 1,
    statuses.DELIVERED: 2,
    statuses.EXPIRED: 3,
    statuses.CANCELED: 4,
    statuses.UNDELIVERED: 5,
    statuses.UNCONFIRMED: 7,
    statuses.FAILED: 8,
}
#: message_state for error codes that are more precise than the status.
STATE_OF_ERROR: Final[dict[str, int]] = {
    "carrier_expired": 3,
    "validity_passed": 3,
    "carrier_deleted": 4,
    "carrier_rejected": 8,
    "parts_missing": 5,
}

Address = tuple[int, int, str]


class ReceiptBody(msgspec.Struct, array_like=True):
    """The column `body` of a receipt: everything except numbers. Times in epoch ms."""

    id: str
    state: int
    error_code: str | None
    carrier_code: str | None
    submitted_at: int
    done_at: int
    intermediate: bool = False
    user_message_reference: int | None = None
    source_port: int | None = None
    destination_port: int | None = None
    service_type: str = ""
    short_id: bool = False


class Addresses(msgspec.Struct, array_like=True):
    """The column `addresses` of a receipt, as the customer wrote them; None if there were none."""

    source: Address | None
    destination: Address | None
    sender: str
    recipient: str


class Wants(Protocol):
    """Whether an account has an SMPP credential that gets incoming messages."""

    def __call__(self, tenant: Tenant) -> bool: ...


_encode = msgspec.json.Encoder().encode
_NOTHING: Final[tuple[Write, ...]] = ()


class AccountLane(NamedTuple):
    """The lane from which any bind of a tenant may take. Other lanes are named after their credential."""

    tenant: Tenant

    @property
    def name(self) -> str:
        """The column `lane`."""
        return f"{self.tenant.account_id} {self.tenant.mode}"

    @classmethod
    def parse(cls, lane: str) -> AccountLane | None:
        """The lane with this name; None for the lane of a credential."""
        account_id, separator, mode = lane.partition(" ")
        return cls(Tenant(account_id, mode == "test")) if separator else None


class NewDelivery(NamedTuple):
    """The params of `bind_delivery_insert`, in order. `subject` is the message's id."""

    id: str
    subject: str
    account_id: str
    lane: str
    kind: str
    body: str | None
    addresses: str | None
    claim: int
    created_at: int
    expires_at: int

    def item(self) -> Item:
        """The delivery as a work item in memory."""
        return Item(
            self.id, self.lane, self.account_id, self.subject, self.kind, None, self.body, self.addresses, 0,
            self.claim, self.expires_at,
        )  # fmt: skip


def state_of(made: Message) -> int:
    """The message_state of a message, for query_sm and receipts."""
    if (
        made.status in (statuses.UNDELIVERED, statuses.FAILED, statuses.EXPIRED)
        and made.error_code is not None
    ):
        return STATE_OF_ERROR.get(made.error_code, STATE_OF[made.status])
    return STATE_OF[made.status]


def asked_for(registered_delivery: int, made: Message) -> bool:
    """Whether the customer asked for a receipt of this state."""
    if made.status not in statuses.TERMINAL:
        return made.status == statuses.SENT and bool(registered_delivery & ASKED_INTERMEDIATE)
    asked = registered_delivery & ASKED_MASK
    if asked == ASKED_ALL:
        return True
    return asked == (ASKED_SUCCESS if made.status == statuses.DELIVERED else ASKED_FAILURE)


class BindEffect:
    """The effect. `claim` returns the lease under which this node delivers on a lane at once, or 0. `settings_of`
    returns how an incoming message is delivered. `wants` tells whether an account has a credential for it.
    """

    __slots__ = ("_claim", "_ids", "_settings_of", "_wants")

    #: See `core.contracts.Effect`.
    only_events: ClassVar[bool] = True

    def __init__(
        self,
        id_source: IdSource,
        *,
        settings_of: Callable[[Message], NumberSettings | None],
        wants: Wants,
        claim: Callable[[str], int] | None = None,
    ) -> None:
        self._ids = id_source
        self._settings_of = settings_of
        self._wants = wants
        self._claim = claim or (lambda _lane: UNCLAIMED)

    def __call__(self, change: Change) -> Sequence[Write]:
        made = change.after
        if made.origin is None:
            if made.direction == message.INBOUND and change.event == events.RECEIVED and made.channel == SMS:
                return self._inbound(made, change.at)
            return _NOTHING
        if change.event is None or (change.before is not None and change.before.status == made.status):
            return _NOTHING
        origin = origin_of(made.origin)
        if origin is None or not asked_for(origin.registered_delivery, made):
            return _NOTHING
        return self._receipts(made, origin, change.at)

    def receipts_of(self, made: Message, ids_: Sequence[str], at: int) -> Sequence[Write]:
        """The receipts of an ended message under further ids: for parts that were sent again
        after the message was created.
        """
        origin = origin_of(made.origin)
        if origin is None or not asked_for(origin.registered_delivery, made):
            return _NOTHING
        return self._receipts(made, msgspec.structs.replace(origin, parts=tuple(ids_)), made.done_at or at)

    def _receipts(self, made: Message, origin: SmppOrigin, at: int) -> list[Write]:
        lane = origin.credential_id
        addresses = _encode(
            Addresses(origin.source, origin.destination, made.sender, made.recipient)
        ).decode()
        receipt_ids: Sequence[str] = origin.parts or (origin.submission or made.id,)
        if origin.silent:
            receipt_ids = [id_ for id_ in receipt_ids if id_ not in origin.silent]
        body = ReceiptBody(
            id="",
            state=state_of(made),
            error_code=made.error_code,
            carrier_code=made.carrier_code,
            submitted_at=made.created_at,
            done_at=at,
            intermediate=made.status not in statuses.TERMINAL,
            user_message_reference=origin.user_message_reference,
            source_port=origin.source_port,
            destination_port=origin.destination_port,
            service_type=origin.service_type,
            short_id=origin.short_id,
        )
        writes = []
        for id_ in receipt_ids:
            body.id = id_
            writes.append(self._row(lane, made, RECEIPT, _encode(body).decode(), addresses, at))
        return writes

    def _inbound(self, made: Message, at: int) -> Sequence[Write]:
        settings = self._settings_of(made) or NumberSettings()
        if settings.deliver_to == "webhooks":
            return _NOTHING
        lane = settings.credential_id
        if lane is None:
            tenant = made.tenant
            if not self._wants(tenant):
                return _NOTHING
            lane = AccountLane(tenant).name
        return (self._row(lane, made, INBOUND, None, None, at),)

    def _row(
        self, lane: str, made: Message, kind: str, body: str | None, addresses: str | None, at: int
    ) -> Write:
        row = NewDelivery(
            self._ids.new(ids.DELIVERY), made.id, made.account_id, lane, kind, body, addresses,
            self._claim(lane), at, at + POLICY.life_ms,
        )  # fmt: skip
        return "bind_delivery_insert", row


def redact(message_id: str) -> list[Write]:
    """The writes that redact the numbers of a message in waiting deliveries."""
    return [("bind_delivery_redact", (message_id,))]
