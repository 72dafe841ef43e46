"""Metrics: each is scraped as it is described and documented; states are read at the scrape only."""

import re

from prometheus_client.parser import text_string_to_metric_families

from onesixty.ops.metrics import BREAKER_STATES, FAST_SECONDS, Metrics
from tests.support.postgres import ROOT

REFERENCE = ROOT / "docs" / "reference" / "metrics.md"


def sample(metrics: Metrics, name: str, **labels: str) -> float | None:
    for family in text_string_to_metric_families(metrics.render().decode()):
        for found in family.samples:
            if found.name == name and found.labels == labels:
                return found.value
    return None


def test_two_sets_of_metrics_share_nothing() -> None:
    one, other = Metrics(), Metrics()
    one.outcomes.labels("acme", "accepted").inc(3)
    assert sample(one, "onesixty_outcomes_total", carrier="acme", kind="accepted") == 3
    assert sample(other, "onesixty_outcomes_total", carrier="acme", kind="accepted") is None


def test_children_are_kept() -> None:
    metrics = Metrics(process=False)
    assert metrics.outcomes.labels("acme", "accepted") is metrics.outcomes.labels("acme", "accepted")
    assert metrics.store_commit_seconds.labels() is metrics.store_commit_seconds.labels()


def test_states_are_read_at_the_scrape_from_all_who_know() -> None:
    metrics = Metrics(process=False)
    depth = {("acme", "otp"): 3.0}
    metrics.lane_depth.read_from(lambda: depth)
    metrics.lane_depth.read_from(lambda: {("other", "otp"): 1})
    metrics.ready.read_from(lambda: {(): 1})
    metrics.breaker_state.read_from(lambda: {("acme",): BREAKER_STATES["open"]})
    depth["acme", "marketing"] = 9.0
    assert sample(metrics, "onesixty_lane_depth", **{"carrier": "acme", "class": "marketing"}) == 9
    assert sample(metrics, "onesixty_lane_depth", **{"carrier": "other", "class": "otp"}) == 1
    assert sample(metrics, "onesixty_ready") == 1
    assert sample(metrics, "onesixty_breaker_state", carrier="acme") == 2
    del depth["acme", "otp"]
    assert sample(metrics, "onesixty_lane_depth", **{"carrier": "acme", "class": "otp"}) is None


def test_requests_by_route_and_status_with_their_time() -> None:
    metrics = Metrics(process=False)
    for seconds in (0.0004, 0.0005, 0.003, 99.0):
        metrics.http.count("/v1/sms/send", 202, seconds)
    metrics.http.count("/v1/sms/send", 422, 0.0001)
    route = {"route": "/v1/sms/send"}
    assert sample(metrics, "onesixty_http_requests_total", status="202", **route) == 4
    assert sample(metrics, "onesixty_http_requests_total", status="422", **route) == 1
    bucket = "onesixty_http_request_seconds_bucket"
    assert sample(metrics, bucket, le="0.0005", **route) == 3, "a bound includes its own value"
    assert sample(metrics, bucket, le="0.005", **route) == 4
    assert sample(metrics, bucket, le=str(FAST_SECONDS[-1]), **route) == 4
    assert sample(metrics, bucket, le="+Inf", **route) == 5
    assert sample(metrics, "onesixty_http_request_seconds_count", **route) == 5
    assert sample(metrics, "onesixty_http_request_seconds_sum", **route) == 99.004


def test_times_of_answers_by_carrier() -> None:
    metrics = Metrics(process=False)
    for seconds in (0.005, 0.007, 99.0):
        metrics.submit_seconds.observe("acme", seconds)
    text = metrics.render().decode()
    for line in (
        'submit_seconds_bucket{carrier="acme",le="0.005"} 1.0',
        'submit_seconds_bucket{carrier="acme",le="0.01"} 2.0',
        'submit_seconds_bucket{carrier="acme",le="60.0"} 2.0',
        'submit_seconds_bucket{carrier="acme",le="+Inf"} 3.0',
        'submit_seconds_count{carrier="acme"} 3.0',
    ):
        assert line in text


def test_what_is_described_is_what_is_scraped() -> None:
    metrics = Metrics(process=False)
    text = metrics.render().decode()
    scraped = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    assert scraped == {row.name: row.kind for row in metrics.described()}


def test_no_label_has_values_without_end() -> None:
    labels = {label for row in Metrics(process=False).described() for label in row.labels}
    known = {
        "route",
        "status",
        "class",
        "code",
        "currency",
        "door",
        "kind",
        "method",
        "carrier",
        "state",
        "result",
        "rule",
        "task",
        "command",
        "reason",
        "extension",
        "part",
        "version",
        "action",
        "channel",
        "guard",
        "outcome",
    }
    assert labels <= known


def test_every_metric_has_its_entry_in_the_reference() -> None:
    text = REFERENCE.read_text()
    rows = {line.split("`")[1]: line for line in text.splitlines() if line.startswith("| `onesixty_")}
    described = {row.name: row for row in Metrics(process=False).described()}
    assert set(rows) == set(described)
    for name, row in described.items():
        assert f"| {row.kind} |" in rows[name], name
        for label in row.labels:
            assert f"`{label}`" in rows[name], f"{name}: {label}"
