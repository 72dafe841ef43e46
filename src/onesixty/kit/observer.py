"""The observer: the parts of a node report to it, and it provides the metrics.

Rules kept here:
- events of every message are plain numbers until metrics are requested, so that a part can report anything it does;
- carriers are reported by id and counted by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from prometheus_client import Counter

from onesixty.core import money, notices
from onesixty.core.message import Attempt
from onesixty.ops.metrics import Family, Metrics, Times

#: The most codes of failures, and times of receipts of a carrier, that are kept until somebody looks.
MOST_FAILURES: Final = 1000
MOST_TIMES: Final = 20


class WebhookObserver:
    """The reports of webhooks, from this process or (as news) from the second one."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        #: Deliveries that wait in the second process.
        self.pending = 0
        self._seconds = metrics.webhook_seconds.labels()

    def attempt(self, result: str, seconds: float) -> None:
        self._metrics.webhook_deliveries.labels(result).inc()
        self._seconds.observe(seconds)

    def news(self, news: tuple[int, list[tuple[str, float]]]) -> None:
        """The report of `webhooks.writer`: waiting deliveries, and the attempts since the last report."""
        self.pending, attempts = news
        for result, seconds in attempts:
            self.attempt(result, seconds)


class Observer:
    """The observer of all parts of a node, with a method per event. Calls are cheap and never raise."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        #: Names of carriers by id, which `network.running` keeps.
        self.carrier_names: dict[str, str] = {}
        self._group_units = metrics.store_group_units.labels()
        self._commit_seconds = metrics.store_commit_seconds.labels()
        self._tally: dict[tuple[Family[Counter], tuple[str, ...]], int] = {}
        #: Costs in micro-units, by carrier's name and currency.
        self._costs: dict[tuple[str, str], int] = {}
        self.lag_seconds = 0.0
        #: What carriers did not take since somebody looked (`take_failures`), by id, code and the carrier's own code.
        self._failures: dict[tuple[str, str, str], int] = {}
        #: A few milliseconds from answers to receipts since somebody looked (`take_receipt_times`), by id.
        self._receipt_times: dict[str, list[int]] = {}
        self.webhooks = WebhookObserver(metrics)

    def carrier_name(self, carrier_id: str) -> str:
        """The carrier's name, for metrics and logs."""
        return self.carrier_names.get(carrier_id, carrier_id)

    def _count(self, family: Family[Counter], *labels: str) -> None:
        """Count an event that happens for every message: a plain number until metrics are requested."""
        key = (family, labels)
        self._tally[key] = self._tally.get(key, 0) + 1

    def render(self) -> bytes:
        """The text of `/metrics`, including everything counted so far."""
        self._settle_tally()
        return self._metrics.render()

    def outcome_totals(self) -> dict[tuple[str, str], int]:
        """Segments since the start by carrier's name and kind of outcome, for alerts."""
        self._settle_tally()
        return {(labels[0], labels[1]): total for labels, total in self._metrics.outcomes.totals().items()}

    def stray_totals(self) -> dict[str, int]:
        """Messages and flights recovered since the start, by kind."""
        return {labels[0]: total for labels, total in self._metrics.strays.totals().items()}

    def _settle_tally(self) -> None:
        tally, self._tally = self._tally, {}
        for (family, labels), count in tally.items():
            family.labels(*labels).inc(count)
        costs, self._costs = self._costs, {}
        for labels, micros in costs.items():
            self._metrics.costs.labels(*labels).inc(micros / money.MICRO)

    # dispatch
    def outcome(self, carrier_id: str, kind: str) -> None:
        self._count(self._metrics.outcomes, self.carrier_name(carrier_id), kind)

    def costs(self, attempts: Iterable[Attempt]) -> None:
        """Count what carriers take for these segments."""
        for attempt in attempts:
            if attempt.cost is not None and attempt.currency is not None:
                key = (self.carrier_name(attempt.carrier_id), attempt.currency)
                self._costs[key] = self._costs.get(key, 0) + attempt.cost

    def failure(self, carrier_id: str, code: str | None, carrier_code: str | None) -> None:
        """Count a segment that a carrier did not take."""
        key = (carrier_id, code or "", carrier_code or "")
        if key not in self._failures and len(self._failures) >= MOST_FAILURES:
            key = (carrier_id, code or "", "")
        self._failures[key] = self._failures.get(key, 0) + 1

    def take_failures(self) -> dict[tuple[str, str, str], int]:
        """What carriers did not take since the last call, by id, code and the carrier's own code."""
        taken, self._failures = self._failures, {}
        return taken

    def answered(self, carrier_id: str, seconds: float) -> None:
        self._metrics.submit_seconds.observe(self.carrier_name(carrier_id), seconds)

    def throttled(self, carrier_id: str) -> None:
        self._metrics.throttles.labels(self.carrier_name(carrier_id)).inc()

    def duplicate(self, carrier_id: str) -> None:
        self._metrics.duplicates.labels(self.carrier_name(carrier_id)).inc()

    def recovered(self, kind: str) -> None:
        self._metrics.recovered.labels(kind).inc()

    def stray(self, kind: str, count: int) -> None:
        self._metrics.strays.labels(kind).inc(count)

    # receipts
    def receipt(self, carrier_id: str, result: str) -> None:
        """`result`: matched, early, swept, repeated, unmatched, expired."""
        self._count(self._metrics.receipts, self.carrier_name(carrier_id), result)

    def receipt_time(self, carrier_id: str, milliseconds: int) -> None:
        """Note how long after the answer a receipt arrived. A few of them are kept until somebody looks."""
        kept = self._receipt_times.get(carrier_id)
        if kept is None:
            kept = self._receipt_times[carrier_id] = []
        if len(kept) < MOST_TIMES:
            kept.append(milliseconds)

    def take_receipt_times(self) -> dict[str, list[int]]:
        """Some times from answers to receipts since the last call, in ms, by the carrier's id."""
        taken, self._receipt_times = self._receipt_times, {}
        return taken

    def receipt_totals(self) -> dict[tuple[str, str], int]:
        """Receipts since the start by carrier's name and result."""
        self._settle_tally()
        return {(labels[0], labels[1]): total for labels, total in self._metrics.receipts.totals().items()}

    def answer_times(self) -> Times:
        """The times from writing a segment to its answer, by carrier's name."""
        return self._metrics.submit_seconds

    # intake
    def accepted(self, class_: str) -> None:
        self._count(self._metrics.intake_accepted, class_)

    def refused(self, code: str) -> None:
        self._metrics.intake_refused.labels(code).inc()

    # rules, at any moment
    def noticed(self, column: str, at: int) -> None:
        """Count the notices of a message (its column `notices`) that rules told at this moment."""
        for notice in notices.of_column(column):
            if notice.at == at:
                self._count(self._metrics.notices, notice.kind, notice.rule, notice.code)

    # credit
    def credit_written(self, kind: str, count: int = 1) -> None:
        """`kind`: taken, returned, recovered, folded."""
        self._metrics.credit_writes.labels(kind).inc(count)

    # refusals
    def refusal(self, door: str, code: str) -> None:
        self._count(self._metrics.refusals, door, code)

    def refusals_not_kept(self, count: int) -> None:
        self._metrics.refusals_not_kept.labels().inc(count)

    # the SMPP door
    def smpp_request(self, command: str, status: str) -> None:
        self._count(self._metrics.smpp_requests, command, status)

    def smpp_bind_refused(self, reason: str) -> None:
        self._count(self._metrics.smpp_binds_refused, reason)

    # incoming messages, and what goes to customers' binds
    def inbound(self, carrier_id: str, result: str) -> None:
        """`result`: received, part, repeated, refused, incomplete."""
        self._count(self._metrics.inbound_messages, self.carrier_name(carrier_id), result)

    def bind_delivery(self, kind: str, result: str) -> None:
        """`kind`: receipt or inbound; `result`: delivered, retried, unanswered, dropped."""
        self._count(self._metrics.bind_deliveries, kind, result)

    # events
    def event(self, type_: str) -> None:
        """An event was committed: a message reached a status."""
        self._count(self._metrics.statuses, type_.partition(".")[2])

    # sweep
    def swept(self, task: str, rows: int) -> None:
        self._metrics.sweep_rows.labels(task).inc(rows)

    def lag(self, seconds: float) -> None:
        self.lag_seconds = seconds

    # retention
    def removed(self, table: str, rows: int) -> None:
        self._metrics.removed.labels(table).inc(rows)

    # audit log
    def audit_entries(self, count: int) -> None:
        """Entries were chained."""
        self._metrics.audit_entries.labels().inc(count)

    def audit_fault(self, kind: str) -> None:
        """`kind`: altered, lost."""
        self._metrics.audit_faults.labels(kind).inc()

    # store
    def committed(self, units: int, rows: Mapping[str, int], seconds: float) -> None:
        self._group_units.observe(units)
        self._commit_seconds.observe(seconds)

    def failed(self, units: int, error: str) -> None:
        self._metrics.store_failures.labels(error).inc(units)

    def health(self, healthy: bool) -> None:
        """The store's health is read at scrape."""
