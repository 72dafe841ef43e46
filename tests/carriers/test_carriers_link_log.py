"""What the log says of the life of a carrier's links: once each, with the reason and the time away."""

from __future__ import annotations

from structlog.testing import capture_logs

from onesixty.carriers.link_log import LinkLog
from tests.support.clock import ManualClock


def test_a_bind_that_is_lost_and_comes_back_is_four_lines() -> None:
    clock = ManualClock()
    names = ["acme"]
    links = LinkLog(lambda: names[0], clock)
    with capture_logs() as lines:
        links.up("1", "smsc.example:2775")
        clock.ms += 10_000
        links.lost("1", "the peer closed the connection", 3)
        for _ in range(5):
            clock.ms += 2_000
            links.failed("1", "connect failed: refused", 2.0)
        names[0] = "acme-2"  # renamed meanwhile
        links.up("1", "smsc.example:2775")
    assert [line["event"] for line in lines] == [
        "carrier_bound", "carrier_bind_lost", "carrier_bind_failed", "carrier_bound_again",
    ]  # fmt: skip
    lost, failed, again = lines[1:]
    assert (lost["reason"], lost["unanswered"]) == ("the peer closed the connection", 3)
    assert (failed["carrier"], failed["bind"], failed["retry_seconds"]) == ("acme", "1", 2.0)
    assert (again["carrier"], again["away_seconds"], again["tries"]) == ("acme-2", 10.0, 6)


def test_another_reason_is_another_line() -> None:
    links = LinkLog(lambda: "acme", ManualClock())
    with capture_logs() as lines:
        for reason in ("refused", "refused", "ESME_RINVPASWD", "ESME_RINVPASWD", "refused"):
            links.failed("1", reason, 1.0)
        links.failed("2", "refused", 1.0)
    assert [line["reason"] for line in lines] == ["refused", "ESME_RINVPASWD", "refused", "refused"]


def test_a_bind_that_we_end_is_no_loss() -> None:
    links = LinkLog(lambda: "acme", ManualClock())
    with capture_logs() as lines:
        links.up("1", "a:1")
        links.ended("1")
    assert [line["event"] for line in lines] == ["carrier_bound", "carrier_unbound"]
