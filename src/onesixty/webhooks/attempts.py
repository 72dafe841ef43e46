"""What is kept of attempts at deliveries: failed ones, the last good one of each webhook, and all of test webhooks.

Rules kept here (docs/decisions/0135-what-is-kept-of-attempts.md):
- a delivery that succeeds writes nothing here, apart from one a minute for each receiver, which replaces the one
  before;
- webhooks of the test mode keep good attempts as well, within their budget: who builds a receiver looks at each;
- of each delivery the latest ten failed attempts are kept;
- a receiver has a budget: beyond it nothing is kept of its attempts, whose last status and error the delivery has
  anyway;
- an answer may quote the message, so it is never kept of a redacted message, and redaction removes it.
"""

from __future__ import annotations

from typing import Final

import msgspec

from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.webhooks import exchange
from onesixty.webhooks.poster import Answer, Outgoing
from onesixty.work.item import Item

#: Failed attempts that are kept of each delivery.
KEPT: Final = 10
#: Attempts of a receiver that are kept in a row, and seconds after which one more may be.
BURST: Final = 100
REFILL: Final = 10.0
#: Seconds for which a good attempt of a receiver stays its last one.
GOOD_FOR: Final = 60.0

_encode: Final = msgspec.json.Encoder().encode


class _Receiver:
    """What this process knows of a receiver. `room` attempts may be kept at `at`; `good_at` is when a good one was
    kept. Times in monotonic seconds."""

    __slots__ = ("at", "good_at", "room")

    def __init__(self, now: float) -> None:
        self.room = float(BURST)
        self.at = now
        self.good_at: float | None = None

    def has_room(self, now: float) -> bool:
        """Take room for one attempt, if there is some."""
        self.room = min(float(BURST), self.room + (now - self.at) / REFILL)
        self.at = now
        if self.room < 1:
            return False
        self.room -= 1
        return True


class Attempts:
    """Decides what is kept, for one process."""

    #: Receivers that are remembered.
    MOST: Final = 10_000

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._receivers: dict[str, _Receiver] = {}

    def ended(
        self,
        item: Item,
        outgoing: Outgoing,
        message_id: str | None,
        seconds: float,
        answer: Answer,
        *,
        test: bool = False,
    ) -> Write | None:
        """The write that keeps this attempt, whose number is `item.tries`; None if it is not kept. `test`: the
        webhook is one of the test mode."""
        now = self._clock.monotonic()
        receiver = self._receivers.get(item.lane)
        if receiver is None:
            if len(self._receivers) >= self.MOST:
                self._receivers.clear()
            receiver = self._receivers[item.lane] = _Receiver(now)
        if test and answer.delivered and receiver.has_room(now):
            id_ = f"{item.id} {item.tries % KEPT}"
        elif answer.delivered:
            if receiver.good_at is not None and now - receiver.good_at < GOOD_FOR:
                return None
            receiver.good_at = now
            id_ = f"{item.lane} good"
        else:
            receiver.good_at = None  # the next good one is worth keeping
            if not receiver.has_room(now):
                return None
            id_ = f"{item.id} {item.tries % KEPT}"
        heard = None if answer.raw is None else exchange.heard(answer.raw)
        milliseconds = round(seconds * 1000)
        return "delivery_attempt_put", (
            id_, item.id, item.tries, item.lane, message_id, self._clock.now_ms() - milliseconds, milliseconds,
            outgoing.url, answer.status, answer.error,
            None if heard is None else _encode(heard.headers).decode(), None if heard is None else heard.body,
        )  # fmt: skip
