"""What a caller asks of a text message: an order, an edit, and what both ask of its text."""

from __future__ import annotations

from operator import attrgetter
from typing import ClassVar, Final

import msgspec
from msgspec import UNSET, UnsetType

from onesixty.channels.sms.content import Content, MadeFrom
from onesixty.core.orders import Edit, Order
from onesixty.core.tenant import Tenant

SMS: Final = "sms"


class Words(msgspec.Struct, kw_only=True):
    """What an edit asks of the text of a message, with the fields of a `SendOrder`. `had_segments` is the number of
    segments that a message whose text stays already has: it may keep them.
    """

    text: str
    binary: bytes | None = None
    content: Content | None = None
    encoding: str = "auto"
    language: str | None = None
    transliterate: bool = False
    max_segments: int | None = None
    had_segments: int = 0


class SendOrder(Order, kw_only=True):
    """One text message to send.

    `binary` are the octets of a binary message; its `text` is then empty. `content` holds options beyond plain text;
    `language` determines the shift tables in it.
    """

    channel: ClassVar[str] = SMS
    had_segments: ClassVar[int] = 0

    text: str
    binary: bytes | None = None
    content: Content | None = None
    encoding: str = "auto"
    language: str | None = None
    transliterate: bool = False
    max_segments: int | None = None

    def plain(self) -> PlainSend | None:
        if self.sender is None or _options(self) != _NO_OPTIONS:
            return None
        return PlainSend(
            self.tenant,
            self.sender,
            self.recipient,
            self.text,
            self.class_,
            self.reference,
            self.origin,
            self.batch_id,
            self.message_id,
            self.valid_for,
        )


class PlainSend(msgspec.Struct, gc=False):
    """One plain text message to send (`core.orders.PlainOrder`)."""

    channel: ClassVar[str] = SMS
    idempotency: ClassVar[None] = None
    guards: ClassVar[None] = None
    is_guarded: ClassVar[bool] = False

    tenant: Tenant
    sender: str
    recipient: str
    text: str
    class_: str | None = None
    reference: str | None = None
    origin: str | None = None
    batch_id: str | None = None
    message_id: str | None = None
    valid_for: int | None = None

    def plain(self) -> PlainSend:
        return self

    def full(self) -> SendOrder:
        return SendOrder(
            tenant=self.tenant,
            sender=self.sender,
            recipient=self.recipient,
            text=self.text,
            class_=self.class_,
            reference=self.reference,
            origin=self.origin,
            batch_id=self.batch_id,
            message_id=self.message_id,
            valid_for=self.valid_for,
        )


#: What may be judged of an order, and a plain one does not have.
_OPTIONS: Final = tuple(
    name
    for name in SendOrder.__struct_fields__
    if name not in (*PlainSend.__struct_fields__, "idempotency", "guards")
)
_options = attrgetter(*_OPTIONS)
_NO_OPTIONS: Final = _options(SendOrder(tenant=Tenant("", False), sender="", recipient="", text=""))


class TextEdit(Edit, kw_only=True):
    """The changes to a text message. `binary` are octets. `content` is that of the new text or octets, as a whole;
    `flash`, `udh` (hex, with its length octet) and `made_from` are single fields of it.
    """

    channel: ClassVar[str] = SMS

    text: str | UnsetType = UNSET
    binary: bytes | UnsetType = UNSET
    content: Content | UnsetType | None = UNSET
    flash: bool | UnsetType = UNSET
    udh: str | UnsetType | None = UNSET
    made_from: MadeFrom | UnsetType = UNSET
    encoding: str | UnsetType = UNSET
    language: str | UnsetType | None = UNSET
    transliterate: bool | UnsetType = UNSET
    max_segments: int | UnsetType | None = UNSET
