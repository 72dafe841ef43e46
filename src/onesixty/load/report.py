"""The result of a load, as a struct for programs and as lines for people."""

from __future__ import annotations

from typing import Any

import msgspec

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


def make_report(
    *,
    started: float,
    ended: float,
    sent: int,
    accepted: int,
    answers: dict[str, int],
    errors: dict[str, int],
    latency: Histogram,
    lateness: Histogram,
    receipts: int = 0,
) -> Report:
    """Make a report with the percentiles of `latency`."""
    return Report(
        started=started,
        ended=ended,
        sent=sent,
        accepted=accepted,
        answers=answers,
        errors=errors,
        p50=latency.percentile(0.5),
        p90=latency.percentile(0.9),
        p95=latency.percentile(0.95),
        p99=latency.percentile(0.99),
        maximum=latency.maximum,
        late_p99=lateness.percentile(0.99),
        receipts=receipts,
    )


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
