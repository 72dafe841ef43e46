"""What the parts tell of themselves, turned into metrics."""

from __future__ import annotations

from collections.abc import Mapping

from onesixty.ops.metrics import Metrics
from onesixty.outbox import sink as outbox


class WebhookObserver(outbox.Observer):
    """What the outbox tells."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._seconds = metrics.webhook_seconds.labels()

    def attempt(self, kind: str, result: str, seconds: float) -> None:
        self._metrics.webhook_deliveries.labels(result).inc()
        self._seconds.observe(seconds)


class Observers:
    """Implements the small observer protocols of dispatch, messages and store over one `Metrics`."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        #: Names of carriers by id; `Links` keeps them.
        self.carrier_names: dict[str, str] = {}
        self._group_units = metrics.store_group_units.labels()
        self._commit_seconds = metrics.store_commit_seconds.labels()
        self.lag_seconds = 0.0
        self.webhooks = WebhookObserver(metrics)

    def _name(self, carrier_id: str) -> str:
        return self.carrier_names.get(carrier_id, carrier_id)

    # dispatch
    def outcome(self, carrier_id: str, kind: str) -> None:
        self._metrics.outcomes.labels(self._name(carrier_id), kind).inc()

    def throttled(self, carrier_id: str) -> None:
        self._metrics.throttles.labels(self._name(carrier_id)).inc()

    def duplicate(self, carrier_id: str) -> None:
        self._metrics.duplicates.labels(self._name(carrier_id)).inc()

    def recovered(self, kind: str) -> None:
        self._metrics.recovered.labels(kind).inc()

    # receipts
    def receipt(self, carrier_id: str, result: str) -> None:
        self._metrics.receipts.labels(self._name(carrier_id), result).inc()

    # intake
    def accepted(self, class_: str) -> None:
        self._metrics.intake_accepted.labels(class_).inc()

    def refused(self, code: str) -> None:
        self._metrics.intake_refused.labels(code).inc()

    # sweep
    def swept(self, task: str, rows: int) -> None:
        self._metrics.sweep_rows.labels(task).inc(rows)

    def lag(self, seconds: float) -> None:
        self.lag_seconds = seconds

    # store
    def committed(self, units: int, rows: Mapping[str, int], seconds: float) -> None:
        self._group_units.observe(units)
        self._commit_seconds.observe(seconds)

    def failed(self, units: int, error: str) -> None:
        self._metrics.store_failures.labels(error).inc(units)

    def health(self, healthy: bool) -> None:
        """The store's health is read at scrape."""
