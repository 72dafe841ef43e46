"""POST /v1/sms/preview: what a send would do, by the same judgement, with nothing done."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.doors.office import Office
from tests.http.world import SEND

PATH = "/v1/sms/preview"


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as running:
        yield running


@pytest.fixture(scope="module")
def office(runner: asyncio.Runner) -> Iterator[Office]:
    made = runner.run(Office.open())
    runner.run(made.route("smpp"))
    yield made
    runner.run(made.close())


def ask(runner: asyncio.Runner, office: Office, body: Any, path: str = PATH, **options: Any) -> Any:
    return runner.run(office.client(**options).post(path, body))


def test_one_curly_quote_is_shown_before_it_costs(runner: asyncio.Runner, office: Office) -> None:
    """The characters that triple the bill, where they stand, and what to do about them."""
    body = {**SEND, "text": "It’s your code: " + "1" * 140}
    seen = ask(runner, office, body).json
    assert (seen["encoding"], seen["segments"], seen["characters"], seen["price"]) == (
        "ucs2",
        3,
        156,
        "0.0225",
    )
    assert seen["costly"] == [
        {
            "character": "’",
            "code_point": "U+2019",
            "name": "RIGHT SINGLE QUOTATION MARK",
            "why": "ucs2",
            "positions": [2],
            "look_alike": "'",
        }
    ]
    assert seen["if_transliterated"] == {"encoding": "gsm7", "characters": 156, "segments": 1}
    assert seen["if_removed"] == {"encoding": "gsm7", "characters": 155, "segments": 1}
    better = ask(runner, office, {**body, "transliterate": True}).json
    assert (better["encoding"], better["segments"], better["price"]) == ("gsm7", 1, "0.0075")
    assert better["changes"] == [{"character": "’", "replacement": "'", "count": 1}]
    assert runner.run(office.texts()) == [], "nothing was sent"


def test_the_number_and_the_reasons_of_routing(runner: asyncio.Runner, office: Office) -> None:
    seen = ask(runner, office, SEND).json
    assert (seen["number"]["possible"], seen["number"]["country"], seen["refusal"]) == (True, "US", None)
    assert seen["route"]["route"] == "default"
    assert seen["route"]["carriers"] == ["acme"]
    wrong = ask(runner, office, {**SEND, "to": "12"}).json
    assert (wrong["refusal"]["code"], wrong["refusal"]["param"], wrong["number"]["possible"]) == (
        "invalid_recipient", "to", False,
    )  # fmt: skip
    assert wrong["segments"] == 1
    test = ask(runner, office, SEND, key=office.test).json
    assert test["route"] is None, "carriers and reasons are for operators"
    assert test["refusal"]["code"] == "no_route"
    assert ask(runner, office, SEND, key=runner.run(office.reader())).status == 403


def test_what_is_refused_still_shows_its_bill(runner: asyncio.Runner, office: Office) -> None:
    long = ask(runner, office, {**SEND, "text": "ü€" * 90, "max_segments": 1}).json
    assert (long["refusal"]["code"], long["segments"]) == ("text_too_long", 2)
    assert [(one["character"], one["why"]) for one in long["costly"]] == [("€", "two_septets")]
    foreign = ask(runner, office, {**SEND, "text": "Привет", "encoding": "gsm7"}).json
    assert (foreign["refusal"]["code"], foreign["encoding"]) == ("not_encodable", "ucs2")
    octets = ask(runner, office, {**SEND, "text": None, "binary": "AQID", "destination_port": 2948}).json
    assert (octets["encoding"], octets["characters"], octets["segments"]) == ("binary", None, 1)


def test_what_is_not_understood_is_refused(runner: asyncio.Runner, office: Office) -> None:
    for body, code, param in (
        ({**SEND, "color": 1}, "unknown_field", "color"),
        ({**SEND, "text": None}, "missing_field", "text"),
        ({**SEND, "binary": "AQID"}, "invalid_field", "text"),
        ({**SEND, "text": None, "binary": "?"}, "invalid_field", "binary"),
        ({**SEND, "text": None, "binary": ""}, "invalid_field", "binary"),
        ({**SEND, "udh": "0605"}, "invalid_field", "udh"),
        ({**SEND, "udh": "xy"}, "invalid_field", "udh"),
        ({**SEND, "udh": "03240101"}, "invalid_field", "udh"),
        ({**SEND, "udh": "06050415820000", "destination_port": 1}, "invalid_field", "destination_port"),
        ({**SEND, "source_port": 1}, "missing_field", "destination_port"),
    ):
        reply = ask(runner, office, body)
        assert (reply.status, reply.json["code"], reply.json["param"]) == (422, code, param), body


SHAPES = st.fixed_dictionaries(
    {
        "from": st.sampled_from(["YourBrand", "+15551230000", "4711", "?", "a brand name that is long"]),
        "to": st.sampled_from(["+15551234567", "0049 151 12345678", "12", "+4915112345678", "nobody"]),
    },
    optional={
        "text": st.text("aé€’ş😀\u200b{", max_size=200) | st.sampled_from(["x" * 161, "", "’" * 71]),
        "encoding": st.sampled_from(["auto", "gsm7", "ucs2"]),
        "transliterate": st.booleans(),
        "language": st.sampled_from(["tr", "auto", "xx"]),
        "max_segments": st.sampled_from([1, 2, 255]),
        "flash": st.booleans(),
        "binary": st.sampled_from(["AQID", "A" * 400, "?"]),
        "udh": st.sampled_from(["06050415820000", "0500037f0201", "00", "zz"]),
        "destination_port": st.sampled_from([0, 2948]),
        "class": st.sampled_from(["otp", "marketing"]),
        "valid_for": st.sampled_from([1, 10**6]),
        "scheduled_at": st.sampled_from(
            ["2020-01-01T00:00:00Z", "2027-03-01T00:00:00Z", "2040-01-01T00:00:00Z"]
        ),
        "route": st.sampled_from(["default", "nowhere"]),
    },
)


@settings(max_examples=120)
@given(body=SHAPES)
def test_a_preview_never_says_anything_else_than_the_send(
    runner: asyncio.Runner, office: Office, body: dict[str, Any]
) -> None:
    """What was shown is what is charged, what was refused is refused, with the same words."""
    seen = ask(runner, office, body)
    sent = ask(runner, office, body, "/v1/sms/send")
    if seen.status != 200:
        assert (sent.status, sent.json["code"], sent.json["param"]) == (
            seen.status, seen.json["code"], seen.json["param"],
        )  # fmt: skip
        return
    refusal = seen.json["refusal"]
    if refusal is not None:
        assert sent.status == refusal["status"]
        assert {name: sent.json.get(name) for name in refusal} == refusal
        return
    assert sent.status == 202
    same = (
        "from",
        "to",
        "text",
        "encoding",
        "segments",
        "class",
        "price",
        "currency",
        "country",
        "scheduled_at",
    )
    assert {name: sent.json[name] for name in same} == {name: seen.json[name] for name in same}
    assert sent.json.get("changes", []) == seen.json["changes"]
