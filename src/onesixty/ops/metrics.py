"""Metrics for every stage of a message's path, in a registry that is passed as a parameter.

Rules kept here:
- the registry belongs to one `Metrics`; nothing is global;
- labels have few values (carrier, class, kind, status): never an account, a number or an id;
- counting is cheap: `Family.labels(...)` keeps its children, states (depths, binds, breaker) are read only at a
  scrape, and what happens with every message is plain numbers until then.

Each metric has an entry in docs/reference/metrics.md (complete by test).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, Generic, NamedTuple, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from onesixty import __version__

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

#: Upper bounds in seconds.
FAST_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
SLOW_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
GROUP_SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)

#: `breaker_state`: the number for each state of a carrier's circuit breaker.
BREAKER_STATES: Final = {"closed": 0, "half_open": 1, "open": 2}

Labels = tuple[str, ...]
#: The current state: a value for each set of labels, in the order of the metric's label names.
Read = Callable[[], Mapping[Labels, float]]

_Metric = TypeVar("_Metric", Counter, Histogram)


class Described(NamedTuple):
    """A metric as documented. `name` is as scraped."""

    name: str
    kind: str
    labels: Labels
    help: str


class Family(Generic[_Metric]):
    """A counter or histogram by labels; its children are created once and kept. Without labels: `labels()`."""

    __slots__ = ("_children", "_metric")

    def __init__(self, metric: _Metric) -> None:
        self._metric: _Metric = metric
        self._children: dict[Labels, _Metric] = {}

    def labels(self, *values: str) -> _Metric:
        """The child for these label values, in the order in which the metric names them."""
        child = self._children.get(values)
        if child is None:
            child = self._children[values] = self._metric.labels(*values) if values else self._metric
        return child

    def totals(self) -> dict[Labels, int]:
        """The values of a counter by label values."""
        return {
            tuple(sample.labels.values()): int(sample.value)
            for collected in self._metric.collect()
            for sample in collected.samples
            if sample.name.endswith("_total")
        }


class State(Collector):
    """A gauge that is read at a scrape. Several owners may each provide a part."""

    def __init__(self, name: str, about: str, labels: Labels) -> None:
        self.name = name
        self.about = about
        self.label_names = labels
        self._reads: list[Read] = []

    def read_from(self, read: Read) -> None:
        """Call `read` at each scrape. It must be fast, because it runs on the event loop."""
        self._reads.append(read)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily(self.name, self.about, labels=self.label_names)
        for read in self._reads:
            for values, value in read().items():
                family.add_metric(values, value)
        yield family

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return [GaugeMetricFamily(self.name, self.about, labels=self.label_names)]


class Total(State):
    """A counter whose owner keeps the sums itself, and that is read at a scrape."""

    def collect(self) -> Iterator[CounterMetricFamily]:  # type: ignore[override]
        family = CounterMetricFamily(self.name, self.about, labels=self.label_names)
        for read in self._reads:
            for values, value in read().items():
                family.add_metric(values, value)
        yield family

    def describe(self) -> Iterable[CounterMetricFamily]:  # type: ignore[override]
        return [CounterMetricFamily(self.name, self.about, labels=self.label_names)]


class Times(Collector):
    """A histogram of times by one label, for what happens with every message: plain numbers, no locks.

    `observe` is called on the event loop only; so is the scrape.
    """

    def __init__(self, name: str, about: str, label: str, bounds: tuple[float, ...]) -> None:
        self.name, self.about, self._label, self._bounds = name, about, label, bounds
        self._buckets: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}

    def observe(self, value: str, seconds: float) -> None:
        """Count one time, for this value of the label."""
        buckets = self._buckets.get(value)
        if buckets is None:
            buckets = self._buckets[value] = [0] * (len(self._bounds) + 1)
            self._sums[value] = 0.0
        buckets[bisect_left(self._bounds, seconds)] += 1
        self._sums[value] += seconds

    @property
    def bounds(self) -> tuple[float, ...]:
        """The upper bounds of the buckets, in seconds; the last bucket has none."""
        return self._bounds

    def buckets(self) -> dict[str, tuple[int, ...]]:
        """The counts of the buckets since the start, by the value of the label."""
        return {value: tuple(buckets) for value, buckets in self._buckets.items()}

    def collect(self) -> Iterator[HistogramMetricFamily]:
        (family,) = self.describe()
        for value, buckets in self._buckets.items():
            running = 0
            rows: list[tuple[str, float]] = []
            for bound, number in zip((*self._bounds, float("inf")), buckets, strict=True):
                running += number
                rows.append(("+Inf" if bound == float("inf") else repr(bound), running))
            family.add_metric((value,), rows, sum_value=self._sums[value])
        yield family

    def describe(self) -> tuple[HistogramMetricFamily]:
        return (HistogramMetricFamily(self.name, self.about, labels=(self._label,)),)


class Requests(Collector):
    """HTTP requests by route and status, with the time to the answer by route: plain numbers, no locks.

    `count` is called on the event loop only; so is the scrape.
    """

    COUNT: Final = "onesixty_http_requests"
    SECONDS: Final = "onesixty_http_request_seconds"
    COUNT_ABOUT: Final = "HTTP requests answered."
    SECONDS_ABOUT: Final = "Time from a request's last byte to its answer."

    def __init__(self) -> None:
        self._counts: dict[tuple[str, int], int] = {}
        self._times = Times(self.SECONDS, self.SECONDS_ABOUT, "route", FAST_SECONDS)

    def count(self, route: str, status: int, seconds: float) -> None:
        """Count one answered request. `route` is the template (`/v1/messages/{id}`), never the path itself."""
        key = (route, status)
        self._counts[key] = self._counts.get(key, 0) + 1
        self._times.observe(route, seconds)

    def collect(self) -> Iterator[CounterMetricFamily | HistogramMetricFamily]:
        counts, _ = self.describe()
        for (route, status), number in self._counts.items():
            counts.add_metric((route, str(status)), number)
        yield counts
        yield from self._times.collect()

    def describe(self) -> tuple[CounterMetricFamily, HistogramMetricFamily]:
        (seconds,) = self._times.describe()
        return CounterMetricFamily(self.COUNT, self.COUNT_ABOUT, labels=("route", "status")), seconds


class Metrics:
    """All metrics of one process. Counters: `.labels(...).inc(n)`; histograms: `.labels(...).observe(x)`;
    states: `.read_from(lambda: {("acme",): 2})`; requests: `.http.count(route, status, seconds)`.
    """

    def __init__(self, registry: CollectorRegistry | None = None, *, process: bool = True) -> None:
        self.registry = CollectorRegistry() if registry is None else registry
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a `_created` series next to each counter adds nothing
        self._described: list[Described] = []
        counter, histogram, state = self._counter, self._histogram, self._state

        self.http = Requests()
        self.registry.register(self.http)
        self._note(f"{Requests.COUNT}_total", "counter", ("route", "status"), Requests.COUNT_ABOUT)
        self._note(Requests.SECONDS, "histogram", ("route",), Requests.SECONDS_ABOUT)

        self.smpp_requests = counter(
            "smpp_requests", "Requests of SMPP customers, by command and answer.", "command", "status"
        )
        self.smpp_binds_refused = counter("smpp_binds_refused", "Binds and connections refused.", "reason")
        self.smpp_customer_binds = state("smpp_customer_binds", "Binds of SMPP customers.", "kind")
        self.smpp_connections = state("smpp_connections", "Connections to the SMPP server, bound or not.")

        self.inbound_messages = counter(
            "inbound_messages",
            "Messages and parts received from handsets, by carrier and result.",
            "carrier",
            "result",
        )
        self.bind_deliveries = counter(
            "bind_deliveries", "Receipts and messages sent to customers' binds.", "kind", "result"
        )
        self.bind_deliveries_waiting = state(
            "bind_deliveries_waiting", "Receipts and messages queued in memory for customers' binds."
        )

        self.intake_accepted = counter("intake_accepted", "Messages accepted.", "class")
        self.intake_refused = counter("intake_refused", "Messages refused, by the code of the error.", "code")
        self.notices = counter(
            "notices",
            "What rules told about messages that they let pass: warning, change, deferred, held.",
            "kind",
            "rule",
            "code",
        )
        self.profiles = state("profiles", "Business profiles of accounts, by their state.", "state")
        self.templates = state("templates", "Templates, by the state of their newest version.", "state")
        self.credit_slices = state("credit_slices", "Slices of accounts' credit held in memory.")
        self.credit_writes = counter(
            "credit_writes",
            "Writes to the credit of accounts: slices taken, returned and recovered from other nodes; ledger "
            "rows folded.",
            "kind",
        )
        self.refusals = counter(
            "refusals",
            "Sends, batches, SMPP submissions and binds that were refused, by door.",
            "door",
            "code",
        )
        self.refusals_not_kept = counter(
            "refusals_not_kept", "Refusals that were only counted, because there were too many to keep each."
        )

        self.store_group_units = histogram("store_group_units", "Units per transaction.", GROUP_SIZES)
        self.store_commit_seconds = histogram(
            "store_commit_seconds", "Duration of one transaction, including its fsync.", FAST_SECONDS
        )
        self.store_failures = counter(
            "store_failures", "Units that could not be written: poisoned or unavailable.", "kind"
        )
        self.store_oldest = state(
            "store_oldest_write_seconds", "Age of the oldest write without an answer; 0 if there is none."
        )

        self.lane_depth = state("lane_depth", "Messages queued in memory for a carrier.", "carrier", "class")
        self.oldest_waiting = state(
            "carrier_oldest_waiting_seconds",
            "Age of the oldest message that waits for a carrier, also a paused one; 0 if there is none.",
            "carrier",
        )
        self.in_flight = state("in_flight_segments", "Segments written and not yet answered.", "carrier")
        self.window = state("window_segments", "Segments that may be in flight over all binds.", "carrier")
        self.binds = state("binds", "Binds: bound and configured.", "carrier", "state")
        self.tolerated = state("carrier_tolerated", "Malformed PDUs that were read anyway.", "carrier")
        self.breaker_state = state(
            "breaker_state", "The circuit breaker: 0 closed, 1 half open, 2 open.", "carrier"
        )
        self.paused = state("paused", "Pauses and drains set by operators.", "kind", "state")
        self.outcomes = counter("outcomes", "Segments by outcome.", "carrier", "kind")
        self.submit_seconds = self._times(
            "submit_seconds", "Time from writing a segment to the carrier's answer.", "carrier"
        )
        self.costs = counter(
            "carrier_cost",
            "What carriers take for segments that they took or may have taken, in units of the currency.",
            "carrier",
            "currency",
        )
        self.throttles = counter("throttles", "Throttling answers from a carrier.", "carrier")
        self.duplicates = counter(
            "duplicates", "Messages resent although an earlier attempt may have arrived.", "carrier"
        )
        self.recovered = counter(
            "recovered", "Messages recovered after a crash: requeued or unknown.", "kind"
        )
        self.strays = counter(
            "strays",
            "Messages and flights that no node was working on and that were recovered: lease, "
            "memory, flight.",
            "kind",
        )
        self.statuses = counter("statuses", "Messages by the status they reached.", "status")

        self.receipts = counter(
            "receipts",
            "Delivery reports: matched, early, swept, repeated, unmatched, expired. `swept` arrived "
            "early, and only the sweep found their message: a few after a restart, otherwise none.",
            "carrier",
            "result",
        )

        self.outbox_pending = state("outbox_pending", "Undelivered events in memory.")
        self.webhook_deliveries = counter(
            "webhook_deliveries",
            "Delivery attempts for events: delivered, retried, failed, refused.",
            "result",
        )
        self.webhook_seconds = histogram(
            "webhook_seconds", "Duration of one delivery attempt for an event.", SLOW_SECONDS
        )

        self.sweep_lag = state("sweep_lag_seconds", "Age of the oldest due row that is not done.", "task")
        self.sweep_rows = counter("sweep_rows", "Rows that the sweep moved forward.", "task")
        self.audit_entries = counter("audit_entries", "Entries added to the audit log.")
        self.audit_faults = counter(
            "audit_faults",
            "Entries of the audit log that were altered or lost before they were chained.",
            "kind",
        )
        self.statistics_lag = state(
            "statistics_lag_seconds", "Age of the oldest change that the statistics have not counted."
        )
        self.verifications = counter("verifications", "Verifications that ended, by their status.", "status")
        self.verify_stops = counter(
            "verify_stops",
            "Starts and resends that a guard did not let pass, by guard and what it did.",
            "guard",
            "action",
        )
        self.verify_checks = counter("verify_checks", "Checks of codes, by what they said.", "outcome")
        self.verify_sends = counter(
            "verify_sends", "Sends of codes, by channel and by why they were made.", "channel", "reason"
        )
        self.report_runs = counter(
            "report_runs", "Runs of saved reports that ended: delivered, failed, refused.", "result"
        )
        self.removed = counter("removed_rows", "Rows deleted by retention, by table.", "kind")
        self.extension_seconds = self._total(
            "extension_seconds",
            "Time in the code of extensions: judge, and elapsed time of read and deliver.",
            "extension",
            "part",
        )
        self.sign_ins = counter("sign_ins", "Sign-ins by method: accepted, refused.", "method", "result")
        self.extension_calls = self._total(
            "extension_calls",
            "Messages judged by an extension's step, or events delivered by its sink: passed, refused, failed.",
            "extension",
            "result",
        )
        self.extension_waiting = state(
            "extension_waiting", "Events in memory that wait for an extension's sink.", "extension"
        )
        self.build_info = state("build_info", "Always 1; the version is in the label.", "version")
        self.build_info.read_from(lambda: {(__version__,): 1})
        self.ready = state("ready", "1 while the node accepts messages, otherwise 0.")

        if process:
            ProcessCollector(registry=self.registry)

    def render(self) -> bytes:
        """The text of `/metrics`, of type `CONTENT_TYPE`."""
        return generate_latest(self.registry)

    def described(self) -> tuple[Described, ...]:
        """All metrics of onesixty, for the test of the documentation."""
        return tuple(self._described)

    def _note(self, name: str, kind: str, labels: Labels, about: str) -> None:
        self._described.append(Described(name, kind, labels, about))

    def _counter(self, name: str, about: str, *labels: str) -> Family[Counter]:
        full = f"onesixty_{name}"
        self._note(f"{full}_total", "counter", labels, about)
        return Family(Counter(full, about, labels, registry=self.registry))

    def _histogram(self, name: str, about: str, bounds: tuple[float, ...], *labels: str) -> Family[Histogram]:
        full = f"onesixty_{name}"
        self._note(full, "histogram", labels, about)
        return Family(Histogram(full, about, labels, buckets=bounds, registry=self.registry))

    def _times(self, name: str, about: str, label: str) -> Times:
        full = f"onesixty_{name}"
        self._note(full, "histogram", (label,), about)
        collector = Times(full, about, label, SLOW_SECONDS)
        self.registry.register(collector)
        return collector

    def _state(self, name: str, about: str, *labels: str) -> State:
        full = f"onesixty_{name}"
        self._note(full, "gauge", labels, about)
        collector = State(full, about, labels)
        self.registry.register(collector)
        return collector

    def _total(self, name: str, about: str, *labels: str) -> Total:
        full = f"onesixty_{name}"
        self._note(f"{full}_total", "counter", labels, about)
        collector = Total(full, about, labels)
        self.registry.register(collector)
        return collector
