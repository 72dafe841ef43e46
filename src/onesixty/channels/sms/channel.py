"""SMS behind the contract of `core.channel`."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from onesixty.channels.sms import addresses
from onesixty.channels.sms.view import sms_view
from onesixty.channels.sms.wording import compose
from onesixty.channels.sms.words import Words
from onesixty.core.channel import Address, Channel, Composed
from onesixty.core.message import Message

SMS: Final = "sms"


class Sms(Channel[Words, Any]):
    """Text messages to phone numbers, in segments."""

    name: ClassVar[str] = SMS
    numbers: ClassVar[bool] = True

    def __init__(self, max_segments: int, limit: int) -> None:
        """`max_segments` is the default of a message, `limit` the most that one may ask for."""
        self._max_segments = min(max_segments, limit)
        self._limit = limit

    def address(self, written: str) -> Address:
        return addresses.recipient_of(written)

    def sender(self, written: str) -> str:
        return addresses.sender_of(written)

    def compose(self, asked: Words) -> Composed:
        return compose(asked, self._max_segments, self._limit)

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

    def view(self, message: Message) -> dict[str, Any]:
        return sms_view(message)
