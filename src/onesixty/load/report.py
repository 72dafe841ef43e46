"""The tally of a load while it runs, and its result: a struct for programs, lines for people."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import msgspec

from onesixty.load.bounds import Bounds
from onesixty.load.histogram import Histogram


class Report(msgspec.Struct, kw_only=True):
    """The result of one load. Times are in seconds; `started` and `ended` on the monotonic clock.

    `answers` counts by status (HTTP status or SMPP command_status name), `errors` counts messages without an
    answer. `receipts` counts delivery reports (SMPP). Latency is measured from the moment at which the message
    was due, so that a stalled target cannot hide its pauses. With a rate, `late_p99` is how long after that
    moment messages were sent, because no connection was free or this machine was busy.
    """

    started: float
    ended: float
    sent: int
    accepted: int
    answers: dict[str, int]
    errors: dict[str, int]
    p50: float
    p90: float
    p95: float
    p99: float
    maximum: float
    late_p99: float = 0.0
    receipts: int = 0

    @property
    def rate(self) -> float:
        """Accepted messages a second."""
        return self.accepted / max(self.ended - self.started, 1e-9)

    def as_json(self) -> dict[str, Any]:
        """Return every field, and the rate."""
        return {**msgspec.structs.asdict(self), "rate": self.rate}

    def lines(self) -> list[str]:
        """Return the report as lines for the console."""
        seconds = self.ended - self.started
        lines = [
            f"{self.accepted} of {self.sent} accepted in {seconds:.2f} s: {self.rate:,.0f} a second",
            f"answers after p50 {_ms(self.p50)}, p90 {_ms(self.p90)}, p99 {_ms(self.p99)}, "
            f"at most {_ms(self.maximum)}",
        ]
        if self.late_p99:
            lines.append(f"sent after it was due: p99 {_ms(self.late_p99)}")
        if self.receipts:
            lines.append(f"{self.receipts} delivery reports")
        lines += [f"{number} x {answer}" for answer, number in sorted(self.answers.items())]
        lines += [f"{number} x no answer: {why}" for why, number in sorted(self.errors.items())]
        return lines


class Tally:
    """What a load has sent, and what came back. `ended` is the time of the last answer or receipt."""

    def __init__(self, bounds: Bounds) -> None:
        self._count = bounds.count
        self._rate = bounds.rate
        self.started = 0.0
        self.ended = 0.0
        self.sent = 0
        self.accepted = 0
        self.receipts = 0
        self._answers: Counter[str] = Counter()
        self._errors: Counter[str] = Counter()
        self._latency = Histogram()
        self._lateness = Histogram()

    def begin(self) -> None:
        """Start the time."""
        self.started = self.ended = time.monotonic()

    @property
    def all_sent(self) -> bool:
        """Whether no message is left to send."""
        return self.sent >= self._count

    def due(self, now: float) -> float | None:
        """Return when the next message was due, or None if it is not due yet or there is none."""
        if self.all_sent:
            return None
        due = self.started + self.sent / self._rate if self._rate else now
        return due if due <= now else None

    def wrote(self, due: float, now: float) -> None:
        """Count a message that was due at `due` and is sent now."""
        self.sent += 1
        if self._rate:
            self._lateness.record(now - due)

    def answered(self, answer: str, due: float, *, accepted: bool) -> None:
        """Count an answer that has just come."""
        self.ended = time.monotonic()
        self._latency.record(self.ended - due)
        self._answers[answer] += 1
        self.accepted += accepted

    def unanswered(self, why: str, number: int = 1) -> None:
        """Count messages without an answer."""
        self._errors[why] += number

    def receipt(self) -> None:
        """Count a receipt that has just come."""
        self.ended = time.monotonic()
        self.receipts += 1

    def report(self) -> Report:
        """Return the result so far."""
        return Report(
            started=self.started,
            ended=self.ended,
            sent=self.sent,
            accepted=self.accepted,
            answers=dict(self._answers),
            errors=dict(self._errors),
            p50=self._latency.percentile(0.5),
            p90=self._latency.percentile(0.9),
            p95=self._latency.percentile(0.95),
            p99=self._latency.percentile(0.99),
            maximum=self._latency.maximum,
            late_p99=self._lateness.percentile(0.99),
            receipts=self.receipts,
        )


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
