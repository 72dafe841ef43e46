"""Which cases are run, in which turns, and what their clients send."""

import json
from collections import Counter
from typing import Any

import pytest

from benchmarks import requests
from benchmarks.__main__ import turns
from benchmarks.cases import LETTERS, chosen
from onesixty.load.http import v1_target
from onesixty.numbers import parse
from onesixty.text import render

KEYS = [f"key-{number}" for number in range(requests.ACCOUNTS)]


def body(request: bytes) -> Any:
    """The JSON of a request, whose Content-Length has to be right."""
    head, content = request.split(b"\r\n\r\n", 1)
    (length,) = [line for line in head.split(b"\r\n") if line.startswith(b"Content-Length: ")]
    assert int(length.removeprefix(b"Content-Length: ")) == len(content)
    return json.loads(content)


def test_letters_become_cases_in_their_order_whatever_was_said_first() -> None:
    cases = chosen(["G", "E", "A"], rates=[100, 500], rows=1000, messages=None)
    assert [case.name for case in cases] == ["A", "E100", "E500", "GA", "GB", "GC"]
    assert [(case.base, case.rows) for case in cases[3:]] == [("A", 1000), ("B", 1000), ("C", 1000)]
    assert [case.messages for case in cases[1:3]] == [2000, 10_000]
    assert {case.letter for case in chosen(list(LETTERS), rates=[1], rows=1, messages=1)} == set(LETTERS)


def test_a_number_of_messages_holds_for_all_but_for_a_batch_that_is_not_full() -> None:
    cases = chosen(["A", "D"], rates=[], rows=0, messages=250)
    assert [case.messages for case in cases] == [250, 300]


def test_in_each_round_another_gateway_comes_first_and_each_takes_what_it_can() -> None:
    class Named:
        def __init__(self, name: str, letters: str) -> None:
            self.name, self.letters = name, letters

    gateways: Any = [Named("one", "AB"), Named("two", "A")]
    order = turns(gateways, chosen(["A", "B"], rates=[], rows=0, messages=1), 2)
    assert [(number, case.name, gateway.name) for number, case, gateway in order] == [
        (1, "A", "one"),
        (1, "A", "two"),
        (1, "B", "one"),
        (2, "A", "two"),
        (2, "A", "one"),
        (2, "B", "one"),
    ]


def test_the_requests_of_a_batch_have_recipients_of_their_own() -> None:
    made = requests.made(requests.batches("127.0.0.1", 80, "key", 3))
    recipients = [message["to"] for number in (0, 1) for message in body(made.request(number))["messages"]]
    assert recipients == [f"+1555000000{number}" for number in range(6)]


def test_single_requests_and_those_of_kannel_go_through_settings_unchanged() -> None:
    target = v1_target("http://127.0.0.1:80", "key", sender="Acme", text="Hello")
    assert requests.made(requests.single(target)) == target
    made = requests.made(
        requests.sendsms("http://127.0.0.1:13013", {"text": "a b", "dlr-url": "http://x/?s=%d"})
    )
    assert made.request(7) == (
        b"GET /cgi-bin/sendsms?text=a+b&dlr-url=http%3A%2F%2Fx%2F%3Fs%3D%25d&to=15550000007 HTTP/1.1\r\n"
        b"Host: 127.0.0.1:13013\r\n\r\n"
    )


def test_the_mix_has_exactly_its_shares_in_a_thousand_messages() -> None:
    made = requests.made(requests.mix("127.0.0.1", 80, KEYS))
    sent = [made.request(number) for number in range(5000, 6000)]
    messages = [body(request) for request in sent]
    keys = Counter(request.split(b"Bearer ")[1].split(b"\r\n")[0].decode() for request in sent)
    assert keys == dict.fromkeys(KEYS, 20)
    assert len({parse(message["to"]).country for message in messages}) == 20
    assert len({message["to"] for message in messages}) == 1000
    texts = Counter(message["text"] for message in messages)
    assert texts == {requests.UCS2: 200, requests.LONG: 200, requests.TEXT: 600}
    once = {
        line for request in sent for line in request.split(b"\r\n") if line.startswith(b"Idempotency-Key")
    }
    assert len(once) == 500


@pytest.mark.parametrize(
    ("text", "data_coding", "segments"),
    [(requests.TEXT, 0, 1), (requests.UCS2, 8, 1), (requests.LONG, 0, 2)],
)
def test_the_texts_of_the_mix_are_what_they_are_there_for(text: str, data_coding: int, segments: int) -> None:
    rendered = render(text, "auto")
    assert (rendered.data_coding, len(rendered.segments)) == (data_coding, segments)


def test_the_segments_of_the_mix_are_known_beforehand() -> None:
    assert requests.segments(0, 1000) == requests.segments(9_000_000, 1000) == 1200
    assert sum(requests.segments(number, 1) for number in range(1000)) == 1200
