"""Towards carriers nothing that can be understood is refused: what providers post."""

import pytest

from onesixty.carriers.http.callbacks import document_of, number_of
from onesixty.core.contracts import CallbackRequest
from onesixty.core.errors import Problem

JSON = "application/json"


def posted(body: bytes, kind: str = JSON) -> object:
    return document_of(
        CallbackRequest(
            kind="receipts", method="POST", url="/x", query="", headers={"content-type": kind}, body=body
        )
    )


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b'\xef\xbb\xbf{"id":"1"}', {"id": "1"}),
        (b'{"text":"caf\xe9"}', {"text": "caf\ufffd"}),
        (b'{"text":"a\nb"}', {"text": "a\nb"}),
        (b'{"text":"\\ud83d"}', {"text": "\ud83d"}),
        (b"id=1&stat=DELIVRD", {"id": "1", "stat": "DELIVRD"}),
        (b'{"id":"1"}', {"id": "1"}),
    ],
)
def test_a_body_is_read_as_far_as_it_can_be(body: bytes, wanted: object) -> None:
    assert posted(body) == wanted


@pytest.mark.parametrize("body", [b"{", b"hello", b"\x00", b"[" * 5000])
def test_what_means_nothing_is_refused(body: bytes) -> None:
    with pytest.raises(Problem, match="bad_json"):
        posted(body)


def test_numbers_are_read_as_those_of_smpp() -> None:
    assert [number_of(one) for one in ("+40404", "40404", " +15551234567 ", "07700900123", None)] == [
        "40404",
        "40404",
        "+15551234567",
        "07700900123",
        "",
    ]
