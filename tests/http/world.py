"""What the tests of the API need: a clock to turn, keys, an intake that judges but stores nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import msgspec

from onesixty import numbers, text
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.http.auth import KnownKey, hash_of
from onesixty.http.scopes import ALL_SCOPES, TENANT_SCOPES, Principal
from onesixty.messages.orders import SendOrder

LIVE = "os_live_0123456789abcdefghijklmnopqrstuv"
TEST = "os_test_0123456789abcdefghijklmnopqrstuv"
NARROW = "os_live_narrow6789abcdefghijklmnopqrstuv"
REVOKED = "os_live_revoked789abcdefghijklmnopqrstuv"
SLOW = "os_live_slow56789abcdefghijklmnopqrstuvw"
PUBLIC_URL = "http://sms.example"

SEND = {"from": "YourBrand", "to": "+15551234567", "text": "Your verification code is 482931"}


class Clock:
    """Time that moves when it is told to."""

    def __init__(self) -> None:
        self.ms = 1_795_390_000_000

    def now_ms(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1000

    def turn(self, seconds: float) -> None:
        self.ms += round(seconds * 1000)


@dataclass
class Keys:
    """The keys that exist, by hash; counts the look-ups."""

    known: dict[str, KnownKey] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def add(
        self, secret: str, *, test: bool = False, scopes: Sequence[str] = ALL_SCOPES, rate: int = 100_000
    ) -> None:
        number = len(self.known) + 1
        principal = Principal(Tenant("acc_1", test), f"key_{number}", frozenset(scopes), rate)
        self.known[hash_of(secret)] = KnownKey(principal, secret == REVOKED)

    async def find(self, key_hash: str) -> KnownKey | None:
        self.asked.append(key_hash)
        return self.known.get(key_hash)


def some_keys() -> Keys:
    keys = Keys()
    keys.add(LIVE)
    keys.add(TEST, test=True, scopes=TENANT_SCOPES)
    keys.add(NARROW, scopes=["messages:read"])
    keys.add(REVOKED)
    keys.add(SLOW, rate=2)
    return keys


class Intake:
    """Judges orders as the real intake does where the door can see it; keeps what it accepted in a list."""

    def __init__(self, clock: Clock, ids: IdSource) -> None:
        self.clock = clock
        self.ids = ids
        self.orders: list[SendOrder] = []
        self.accepted: list[Message] = []
        self.fails: Exception | None = None

    async def accept(self, orders: Sequence[SendOrder]) -> list[Any]:
        self.orders += orders
        if self.fails is not None:
            raise self.fails
        results: list[Any] = []
        for order in orders:
            try:
                results.append(self.judge(order))
                self.accepted.append(results[-1])
            except Problem as problem:
                results.append(problem)
        return results

    def judge(self, order: SendOrder) -> Message:
        now = self.clock.now_ms()
        try:
            number = numbers.parse(order.recipient)
        except numbers.InvalidNumber as error:
            raise Problem("invalid_recipient", str(error), param="to") from None
        try:
            sender = numbers.parse_sender(order.sender).display
        except numbers.InvalidSender as error:
            raise Problem("invalid_sender", str(error), param="from") from None
        if order.scheduled_at is not None and order.scheduled_at < now:
            raise Problem("scheduled_in_past", param="scheduled_at")
        if order.scheduled_at is not None and order.scheduled_at > now + 366 * 86_400_000:
            raise Problem("scheduled_too_far", param="scheduled_at")
        if not order.text:
            raise Problem("text_empty", param="text")
        try:
            count = text.count(order.text, order.encoding)
        except text.NotInAlphabet:
            raise Problem("not_encodable", param="text") from None
        if count.segments > (order.max_segments or 10):
            raise Problem("text_too_long", param="text")
        return Message(
            id=self.ids.new("msg"),
            account_id=order.tenant.account_id,
            test=order.tenant.test,
            sender=sender,
            recipient=number.e164,
            text=order.text,
            encoding=count.encoding,
            segments=count.segments,
            class_=order.class_ or "transactional",
            tags=msgspec.json.encode(order.tags).decode() if order.tags else None,
            created_at=now,
            expires_at=now + 1000 * (order.valid_for or 86_400),
            status="scheduled" if order.scheduled_at else "queued",
            scheduled_at=order.scheduled_at,
            queued_at=None if order.scheduled_at else now,
        )


def new_ids(clock: Clock) -> IdSource:
    return IdSource(clock, Random(160))
