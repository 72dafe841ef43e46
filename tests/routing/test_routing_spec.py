"""What a route may say, and what is said against the rest: faults name their field."""

from typing import Any

import pytest

from onesixty.channels.sms.addresses import sender_of
from onesixty.core.errors import Problem
from onesixty.routing import spec
from onesixty.routing.spec import KnownCarrier, Placed
from tests.channels.toy import Notes

ACME = KnownCarrier("car_a", sender_of)
#: A carrier of another channel.
POST = KnownCarrier("car_n", Notes().sender)
KNOWN = {"acme": ACME, "car_a": ACME, "beta": KnownCarrier("car_b", sender_of), "post": POST}

BAD: list[tuple[dict[str, Any], str, str]] = [
    ({}, "missing_field", "carriers"),
    ({"carriers": []}, "invalid_field", "carriers"),
    ({"carriers": ["nobody"]}, "invalid_field", "carriers[0]"),
    ({"carriers": ["acme", {"carrier": "car_a"}]}, "invalid_field", "carriers[1].carrier"),
    ({"carriers": [{"carrier": "acme", "weight": 0}]}, "invalid_field", "carriers[0].weight"),
    ({"carriers": ["beta", {"carrier": "acme", "sender": "Acme International"}]}, "invalid_sender",
     "carriers[1].sender"),
    ({"carriers": [{"carrier": "post", "sender": " "}]}, "invalid_sender", "carriers[0].sender"),
    ({"carriers": [{"carrier": "acme", "share": 1}]}, "unknown_field", "carriers[0].share"),
    ({"carriers": ["acme"], "colour": 1}, "unknown_field", "colour"),
    ({"carriers": ["acme"], "priority": -1}, "invalid_field", "priority"),
    ({"carriers": ["acme"], "match": {"country": ["US"]}}, "unknown_field", "match.country"),
    ({"carriers": ["acme"], "match": {"countries": ["us"]}}, "invalid_field", "match.countries[0]"),
    ({"carriers": ["acme"], "match": {"countries": "US"}}, "invalid_field", "match.countries"),
    ({"carriers": ["acme"], "match": {"prefixes": ["+1", "0044"]}}, "invalid_field", "match.prefixes[1]"),
    ({"carriers": ["acme"], "match": {"networks": ["262-01"]}}, "invalid_field", "match.networks[0]"),
    ({"carriers": ["acme"], "match": {"classes": ["bulk"]}}, "invalid_field", "match.classes[0]"),
    ({"carriers": ["acme"], "match": {"times": [{"from": "8:00"}]}}, "invalid_field", "match.times[0].from"),
    ({"carriers": ["acme"], "match": {"times": [{"zone": "Mars/Olympus"}]}}, "invalid_field", "match.times[0].zone"),
    ({"carriers": ["acme"], "match": {"times": [{"from": "24:00"}]}}, "invalid_field", "match.times[0].to"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "code", "param"), BAD)
def test_faults_name_their_field(fields: dict[str, Any], code: str, param: str) -> None:
    with pytest.raises(Problem) as caught:
        spec.check(fields, KNOWN)
    assert (caught.value.code, caught.value.param) == (code, param)


def test_names_alone_are_an_order() -> None:
    row = spec.check({"carriers": ["beta", "acme"]}, KNOWN)
    assert row.carriers == [Placed("car_b", 1, 1), Placed("car_a", 2, 1)]
    assert row.carriers_text == '["car_b","car_a"]'
    assert spec.shown(row.carriers, {"car_b": "spare"}) == ["spare", "car_a"]


def test_shares_are_kept_as_objects_and_read_again() -> None:
    fields = {
        "carriers": [{"carrier": "acme", "order": 1, "weight": 3}, {"carrier": "beta", "order": 1}],
        "match": {"countries": ["DE"], "times": [{"from": "22:00", "to": "06:00", "weekdays": ["fri"]}]},
        "priority": 7,
    }
    row = spec.check(fields, KNOWN)
    assert spec.read(row.carriers_text, row.match_text, 7) == row
    assert spec.shown(row.carriers)[0] == {"carrier": "car_a", "order": 1, "weight": 3}


def test_a_carrier_may_have_a_sender_of_its_own() -> None:
    row = spec.check({"carriers": ["beta", {"carrier": "acme", "sender": "+1 (555) 123-4567"}]}, KNOWN)
    assert row.carriers == [Placed("car_b", 1, 1), Placed("car_a", 2, 1, "+15551234567")]
    assert spec.read(row.carriers_text, row.match_text, 100) == row
    assert spec.shown(row.carriers, {"car_a": "acme"}) == [
        {"carrier": "car_b", "order": 1, "weight": 1},
        {"carrier": "acme", "order": 2, "weight": 1, "sender": "+15551234567"},
    ]


def test_a_sender_is_read_as_the_channel_of_its_carrier_reads_it() -> None:
    """`Acme International` is too long for SMS."""
    row = spec.check({"carriers": [{"carrier": "post", "sender": " Acme International "}]}, KNOWN)
    assert row.carriers == [Placed("car_n", 1, 1, "Acme International")]
