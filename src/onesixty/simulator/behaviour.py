"""What a simulated network does with a message: shares, delays, and the random choice of one fate.

Rules kept here:
- a share is between 0 and 1 and is drawn for each segment separately, from the `Random` passed in;
- with every share at 0, a draw costs two random numbers, because the default carrier of `make run` and the
  benchmarks draw for every segment;
- a fate only says what will happen; the simulator connector or the simulated SMSC carries it out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final, Literal, NamedTuple

import msgspec

from onesixty.core import outcomes
from onesixty.core.clock import Random

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Milliseconds = Annotated[float, msgspec.Meta(ge=0, le=30 * 86_400_000)]
Rate = Annotated[float, msgspec.Meta(ge=0, le=10_000_000)]

RefusalCode = Literal["message_refused", "recipient_refused", "sender_refused", "carrier_refused"]

#: SMPP 3.4, 5.2.28 message_state.
ENROUTE: Final = 1
DELIVERED: Final = 2
EXPIRED: Final = 3
DELETED: Final = 4
UNDELIVERABLE: Final = 5
REJECTED: Final = 8
SKIPPED: Final = 9  # SMPP 5.0, 4.7.15

#: The `err` of a receipt by state: GSM MAP's absent subscriber (27) for a handset that is switched off.
RECEIPT_ERROR: Final = {
    ENROUTE: "000",
    DELIVERED: "000",
    EXPIRED: "027",
    DELETED: "255",
    UNDELIVERABLE: "001",
    REJECTED: "011",
    SKIPPED: "254",
}


class Behaviour(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The settings of a simulated network. Delays in milliseconds, shares from 0 to 1."""

    latency_ms: Milliseconds = 20
    latency_jitter_ms: Milliseconds = 10
    receipt_delay_ms: Milliseconds = 500
    receipt_jitter_ms: Milliseconds = 200
    #: Segments that are never answered: their outcome is unknown.
    loss: Share = 0
    #: The share of the lost segments that arrive nevertheless: only their answer is lost, and their receipt comes.
    loss_taken: Share = 0
    #: Segments answered with a request to slow down.
    throttle: Share = 0
    #: Segments a second above which the others are throttled; 0 means no limit.
    throttle_above: Rate = 0
    #: Segments that are refused permanently, and the code of the refusal.
    refuse: Share = 0
    refuse_code: RefusalCode = "recipient_refused"
    #: Handsets that never get the message: UNDELIV, or EXPIRED for those that are switched off.
    undelivered: Share = 0
    expired: Share = 0
    #: Receipts that never come, come late, come twice, come before the answer, and those followed by an ENROUTE
    #: that they overtook.
    receipts_missing: Share = 0
    receipts_late: Share = 0
    receipts_late_ms: Milliseconds = 60_000
    receipts_doubled: Share = 0
    receipts_early: Share = 0
    receipts_overtaken: Share = 0


class ReceiptPlan(NamedTuple):
    """A planned receipt: seconds after the submit, and its message_state."""

    delay: float
    state: int


class Fate(NamedTuple):
    """What happens to a segment. `kind` is one of `core.outcomes`; `latency` is in seconds until the answer;
    `arrives` is in seconds until the handset has the segment, None if it never does."""

    kind: str
    code: str | None
    latency: float
    receipts: tuple[ReceiptPlan, ...]
    arrives: float | None = None
    carrier_code: str = "simulated"


class Network:
    """Draws fates. `now` returns seconds (the event loop's time), for the rate above which it throttles."""

    __slots__ = ("_allowance", "_behaviour", "_now", "_plain", "_random", "_refilled_at")

    def __init__(self, behaviour: Behaviour, random: Random, now: Callable[[], float]) -> None:
        self._behaviour = behaviour
        self._random = random
        self._now = now
        self._allowance = behaviour.throttle_above
        self._refilled_at = now()
        self._plain = not any(
            getattr(behaviour, name)
            for name in (
                "loss",
                "throttle",
                "throttle_above",
                "refuse",
                "undelivered",
                "expired",
                "receipts_missing",
                "receipts_late",
                "receipts_doubled",
                "receipts_early",
                "receipts_overtaken",
            )
        )

    def draw(self) -> Fate:
        """Draw the fate of a segment that arrives now."""
        behaviour = self._behaviour
        latency = self._around(behaviour.latency_ms, behaviour.latency_jitter_ms)
        if self._plain:
            receipt = self._receipt(latency, DELIVERED)
            return Fate(outcomes.ACCEPTED, None, latency, (receipt,), receipt.delay)
        if self._over_rate() or self._hits(behaviour.throttle):
            return Fate(outcomes.THROTTLED, "carrier_throttled", latency, ())
        if self._hits(behaviour.refuse):
            return Fate(outcomes.PERMANENT, behaviour.refuse_code, latency, ())
        if self._hits(behaviour.loss):
            if not self._hits(behaviour.loss_taken):
                return Fate(outcomes.UNKNOWN, "outcome_unknown", latency, ())
            return Fate(outcomes.UNKNOWN, "outcome_unknown", latency, *self._receipts(latency))
        return Fate(outcomes.ACCEPTED, None, latency, *self._receipts(latency))

    def latency(self) -> float:
        """Draw the time until an answer, in seconds."""
        return self._around(self._behaviour.latency_ms, self._behaviour.latency_jitter_ms)

    def _receipts(self, latency: float) -> tuple[tuple[ReceiptPlan, ...], float | None]:
        """Draw the receipts of a segment that was taken, and the time at which it reaches the handset."""
        behaviour = self._behaviour
        if self._hits(behaviour.receipts_missing):
            return (), latency
        state = DELIVERED
        if self._hits(behaviour.undelivered):
            state = UNDELIVERABLE
        elif self._hits(behaviour.expired):
            state = EXPIRED
        receipt = self._receipt(latency, state)
        if self._hits(behaviour.receipts_early):
            receipt = ReceiptPlan(latency / 2, state)
        elif self._hits(behaviour.receipts_late):
            receipt = ReceiptPlan(receipt.delay + behaviour.receipts_late_ms / 1000, state)
        plans = [receipt]
        if self._hits(behaviour.receipts_doubled):
            plans.append(ReceiptPlan(receipt.delay + behaviour.receipt_delay_ms / 1000, state))
        if self._hits(behaviour.receipts_overtaken):
            plans.append(ReceiptPlan(receipt.delay + behaviour.receipt_delay_ms / 1000, ENROUTE))
        return tuple(plans), receipt.delay if state == DELIVERED else None

    def _receipt(self, latency: float, state: int) -> ReceiptPlan:
        behaviour = self._behaviour
        return ReceiptPlan(
            latency + self._around(behaviour.receipt_delay_ms, behaviour.receipt_jitter_ms), state
        )

    def _around(self, mean_ms: float, jitter_ms: float) -> float:
        """Draw a delay in seconds within the jitter around the mean, never negative."""
        delay = mean_ms + jitter_ms * (2 * self._random.random() - 1)
        return delay / 1000 if delay > 0 else 0.0

    def _hits(self, share: float) -> bool:
        return share > 0 and self._random.random() < share

    def _over_rate(self) -> bool:
        rate = self._behaviour.throttle_above
        if not rate:
            return False
        now = self._now()
        # A token bucket with one second's worth, because carriers count by the second.
        self._allowance = min(rate, self._allowance + (now - self._refilled_at) * rate)
        self._refilled_at = now
        if self._allowance < 1:
            return True
        self._allowance -= 1
        return False
