"""SMS behind the contract of `core.channel`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from onesixty.channels.sms import addresses, receiving
from onesixty.channels.sms.orders import SMS, SendOrder, TextEdit, Words
from onesixty.channels.sms.rewording import reworded
from onesixty.channels.sms.view import sms_view
from onesixty.channels.sms.wording import compose, plain
from onesixty.core.channel import Channel, Composed, Missing, Place, Received
from onesixty.core.contracts import InboundMessage
from onesixty.core.message import Message


class Sms(Channel[SendOrder | Words, TextEdit]):
    """Text messages to phone numbers, in segments."""

    name: ClassVar[str] = SMS
    numbers: ClassVar[bool] = True

    def __init__(self, max_segments: int, limit: int) -> None:
        """`max_segments` is the default of a message, `limit` the most that one may ask for."""
        self._max_segments = max_segments
        self._limit = limit

    # Called for every message, so without a method around them.
    address = staticmethod(addresses.recipient_of)
    sender = staticmethod(addresses.sender_of)
    view = staticmethod(sms_view)

    def compose(self, asked: SendOrder | Words) -> Composed:
        return compose(asked, self._max_segments, self._limit)

    def plain(self, text: str) -> tuple[str, int] | None:
        return plain(text, min(self._max_segments, self._limit))

    def reworded(self, message: Message, edit: TextEdit) -> Words:
        return reworded(message, edit)

    def place(self, incoming: InboundMessage) -> Place | None:
        return receiving.place_of(incoming)

    def identity(self, incoming: InboundMessage) -> tuple[str | bytes, ...]:
        return receiving.identity_of(incoming)

    def received(self, parts: Sequence[InboundMessage], missing: Missing | None = None) -> Received:
        return receiving.received(parts, missing)

    def sender_kind(self, sender: str) -> str | None:
        return addresses.kind_of(sender)

    def same_address(self, one: str | None, other: str | None) -> bool | None:
        return addresses.same_number(one, other)

    def same_sender(self, one: str, other: str) -> bool:
        return addresses.same_sender(one, other)

    def address_key(self, written: str) -> str:
        return addresses.digits(written)[-addresses.SAME_DIGITS :]

    def kept_address(self, written: str) -> str:
        return f"+{addresses.digits(written)}"
