"""Bounds, histogram and requests: what a load is made of."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.load.bounds import MAX_COUNT, MAX_SECONDS, Bounds, LoadError, check_connections, check_target
from onesixty.load.histogram import Histogram
from onesixty.load.http import v1_target


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_is_always_allowed(host: str) -> None:
    check_target(host, own=False)


@pytest.mark.parametrize("host", ["10.0.0.1", "0.0.0.0", "sms.example.com", "::ffff:10.0.0.1", ""])
def test_everything_else_only_for_its_owner(host: str) -> None:
    with pytest.raises(LoadError, match="--i-own-the-target"):
        check_target(host, own=False)
    check_target(host, own=True)


@pytest.mark.parametrize(
    "bounds",
    [
        Bounds(count=0),
        Bounds(count=MAX_COUNT + 1),
        Bounds(seconds=0),
        Bounds(seconds=MAX_SECONDS + 1),
        Bounds(seconds=math.nan),
        Bounds(seconds=math.inf),
        Bounds(rate=-1),
        Bounds(rate=math.nan),
    ],
)
def test_a_load_without_an_end_is_refused(bounds: Bounds) -> None:
    with pytest.raises(LoadError):
        bounds.check()


@pytest.mark.parametrize("number", [0, 1001])
def test_a_number_of_connections_that_is_none(number: int) -> None:
    with pytest.raises(LoadError):
        check_connections(number)


@given(st.lists(st.floats(min_value=0, max_value=3000), min_size=1, max_size=50), st.floats(0.01, 1))
def test_percentiles_are_right_within_the_width_of_a_bucket(values: list[float], share: float) -> None:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    exact = sorted(values)[math.ceil(share * len(values)) - 1]
    assert exact - 1e-6 <= histogram.percentile(share) <= exact * 1.04 + 2e-6
    assert histogram.maximum == max(values)
    assert histogram.count == len(values)


def test_an_empty_histogram_and_durations_that_went_back() -> None:
    histogram = Histogram()
    assert histogram.percentile(0.5) == 0
    histogram.record(-1)
    histogram.record(1e9)
    assert histogram.percentile(1) <= 1e9


def test_a_v1_request_is_whole_with_any_text() -> None:
    text = 'quotes " braces {recipient} and \N{GRINNING FACE}'
    target = v1_target("http://127.0.0.1:8160", "KEY", sender="YourBrand", text=text, extra={"tags": ["x"]})
    request = target.head + b"15550000001" + target.tail
    head, _, body = request.partition(b"\r\n\r\n")
    assert (target.host, target.port) == ("127.0.0.1", 8160)
    assert head.startswith(
        b"POST /v1/sms/send HTTP/1.1\r\nHost: 127.0.0.1:8160\r\nAuthorization: Bearer KEY\r\n"
    )
    assert f"Content-Length: {len(body)}".encode() in head
    assert json.loads(body) == {"from": "YourBrand", "to": "+15550000001", "text": text, "tags": ["x"]}


@pytest.mark.parametrize("url", ["https://127.0.0.1", "127.0.0.1:8160", "http://", ""])
def test_what_is_no_url(url: str) -> None:
    with pytest.raises(LoadError, match="not a URL"):
        v1_target(url, "KEY", sender="a", text="b")
