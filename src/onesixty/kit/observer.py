"""The observer: the parts of a node report to it, and it provides the metrics.

Rules kept here:
- events of every message are plain numbers until metrics are requested, so that a part can report anything it does;
- carriers are reported by id and counted by name.
"""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import Counter

from onesixty.ops.metrics import Family, Metrics

#: Answers of carriers kept before they are added to the histogram.
MOST_ANSWERS = 2000


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
        self._answered: list[tuple[str, float]] = []
        self.lag_seconds = 0.0
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
        self._observe_answers()
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

    def _observe_answers(self) -> None:
        answered, self._answered = self._answered, []
        for carrier_id, seconds in answered:
            self._metrics.submit_seconds.labels(self.carrier_name(carrier_id)).observe(seconds)

    # dispatch
    def outcome(self, carrier_id: str, kind: str) -> None:
        self._count(self._metrics.outcomes, self.carrier_name(carrier_id), kind)

    def answered(self, carrier_id: str, seconds: float) -> None:
        self._answered.append((carrier_id, seconds))
        if len(self._answered) >= MOST_ANSWERS:
            self._observe_answers()

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

    # intake
    def accepted(self, class_: str) -> None:
        self._count(self._metrics.intake_accepted, class_)

    def refused(self, code: str) -> None:
        self._metrics.intake_refused.labels(code).inc()

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

    # store
    def committed(self, units: int, rows: Mapping[str, int], seconds: float) -> None:
        self._group_units.observe(units)
        self._commit_seconds.observe(seconds)

    def failed(self, units: int, error: str) -> None:
        self._metrics.store_failures.labels(error).inc(units)

    def health(self, healthy: bool) -> None:
        """The store's health is read at scrape."""
