"""Latencies from the times that carrier and receiver noted, and percentiles."""

import math
from array import array
from pathlib import Path

import pytest

from benchmarks.times import CarrierTimes, ReceiverTimes, latencies, percentiles, read, save


def test_percentiles_are_of_all_values_by_nearest_rank() -> None:
    assert percentiles([float(value) for value in range(100, 0, -1)]) == {"p50": 50, "p95": 95, "p99": 99}
    assert percentiles([3.0, 1.0, 2.0], (0, 50, 100)) == {"p0": 1, "p50": 2, "p100": 3}
    assert percentiles([7.0], (99.9,)) == {"p99.9": 7}


@pytest.mark.parametrize("values", [[], [1.0, math.nan]])
def test_there_is_no_percentile_where_a_message_is_missing(values: list[float]) -> None:
    with pytest.raises(ValueError, match="times are missing"):
        percentiles(values)


def test_latency_counts_from_when_a_message_was_due(tmp_path: Path) -> None:
    """Two messages a second: the second is due at 10.5, whenever it was sent."""
    save(array("d", [10.1, 10.9]), tmp_path / "taken")
    save(array("d", [11.0, 12.0]), tmp_path / "reported")
    save(array("d", [11.2, 12.1]), tmp_path / "told")
    found = latencies(tmp_path, started=10.0, rate=2.0)
    assert found["carrier_p50_ms"] == pytest.approx(100)
    assert found["carrier_p99_ms"] == pytest.approx(400)
    assert found["webhook_p50_ms"] == pytest.approx(100)
    assert found["webhook_p95_ms"] == pytest.approx(200)


def test_a_carrier_notes_the_first_time_of_each_recipient_that_counts(tmp_path: Path) -> None:
    times = CarrierTimes(2)
    times.taken(b"15550000001")
    times.save(tmp_path)
    first = read(tmp_path / "taken")[1]
    for recipient in (b"15550000001", b"15559000000"):
        times.taken(recipient)
        times.reported(recipient)
    times.save(tmp_path)
    taken, reported = read(tmp_path / "taken"), read(tmp_path / "reported")
    assert taken[1] == first > 0
    assert reported[1] >= first
    assert math.isnan(taken[0])


@pytest.mark.parametrize(
    ("head", "body", "counts"),
    [
        (b"POST /hook HTTP/1.1", b'{"type":"message.delivered","data":{"to":"+15550000000"}}', True),
        (b"POST /hook HTTP/1.1", b'{"type":"message.sent","data":{"to":"+15550000000"}}', False),
        (b"GET /report?status=1&a=YourBrand&b=15550000000 HTTP/1.1", b"", True),
        (b"GET /report?status=1&a=%2B15550000000&b=YourBrand HTTP/1.1", b"", True),
        (b"GET /report?status=8&a=YourBrand&b=15550000000 HTTP/1.1", b"", False),
    ],
)
def test_a_receiver_notes_only_that_a_message_is_delivered(
    head: bytes, body: bytes, counts: bool, tmp_path: Path
) -> None:
    times = ReceiverTimes(1)
    times.look(head + b"\r\nHost: x", body)
    times.save(tmp_path)
    assert math.isnan(read(tmp_path / "told")[0]) is not counts
