"""What operators are told of routes in a history: the first choice, and each further one with its cause."""

from typing import Any

from onesixty.core import outcomes
from onesixty.core.hop import Hop
from onesixty.core.message import Attempt, Message
from onesixty.network.routed import routed


class OneHop:
    """A router that knows one reason."""

    def hop(self, message: Message, carrier_id: str) -> Hop:
        return Hop(carrier_id, reasons=("order",))


def message(**fields: Any) -> Message:
    made = Message(
        id="msg_1", account_id="acc_1", test=False, sender="Acme", recipient="+15551234567", text="hi",
        encoding="gsm7", segments=1, class_="otp", created_at=1000, expires_at=9000, status="sent",
    )  # fmt: skip
    for name, value in {"route_id": "rte_1", "carrier_id": "car_1", "queued_at": 1000, **fields}.items():
        setattr(made, name, value)
    return made


def attempt(number: int, carrier_id: str, outcome: str, **fields: Any) -> Attempt:
    return Attempt(
        **{
            "message_id": "msg_1",
            "attempt": number,
            "segment": 0,
            "segments": 1,
            "account_id": "acc_1",
            "carrier_id": carrier_id,
            "bind": None,
            "concat_reference": None,
            "outcome": outcome,
            "carrier_message_id": None,
            "match_id": None,
            "carrier_code": None,
            "error_code": None,
            "submitted_at": 1000 + number,
            "answered_at": 1005 + number,
            **fields,
        }
    )


def told(said: Message, *attempts: Attempt) -> list[Any]:
    router: Any = OneHop()
    return [
        (entry.at, entry.fields["carrier_id"], entry.fields["reasons"], entry.fields["because"])
        for entry in routed(said, attempts, router, {})
    ]


def test_a_waiting_message_has_the_carrier_that_it_waits_for() -> None:
    assert told(message()) == [(1000, "car_1", ["order"], None)]


def test_each_further_attempt_says_what_made_it_necessary() -> None:
    refused = attempt(1, "car_1", outcomes.RETRYABLE, error_code="carrier_busy")
    lost = attempt(2, "car_2", outcomes.UNKNOWN)
    again = attempt(3, "car_2", outcomes.ACCEPTED)
    cause = {
        "attempt": 1,
        "carrier_id": "car_1",
        "outcome": "retryable",
        "error": "carrier_busy",
        "state": None,
    }
    lost_cause = {"attempt": 2, "carrier_id": "car_2", "outcome": "unknown", "error": None, "state": None}
    assert told(message(), refused, lost, again) == [
        (1000, "car_1", ["order"], None),
        (1002, "car_2", ["failover"], cause),
        (1003, "car_2", ["resend"], lost_cause),
    ]


def test_a_message_bound_or_pinned_says_so() -> None:
    assert told(message(route_id="car_1"))[0][2] == ["bound"]
    assert told(message(pinned_route="vip"))[0][2] == ["pinned", "order"]
    assert told(message(direction="inbound")) == []
    assert told(message(route_id=None)) == []
