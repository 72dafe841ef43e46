"""Handsets that answer with the code: nobody but the person who typed it reads it."""

from __future__ import annotations

from typing import Any

import pytest

from onesixty.verify import codes
from onesixty.verify.covered import AFTER_END_MS
from tests.support.waiting import wait_until_async
from tests.verify.conftest import SENDER, TO, Desk, other_than

ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("482931", "******"),
        ("my code is 482-931, thanks", "my code is ***-***, thanks"),
        ("4 8 2 9 3 1", "* * * * * *"),
        ("٤٨٢٩٣١ و", "****** و"),
        ("482931 and again 482931", "****** and again ******"),
        ("ab3k", "****"),
        ("482932", "482932"),
        ("", ""),
    ],
)
def test_a_code_is_masked_however_a_person_writes_it(text: str, shown: str) -> None:
    assert codes.masked(text, ["482931", "AB3K"], "*") == shown


def test_the_ends_of_a_code_are_masked_where_a_part_is_missing() -> None:
    assert set(codes.ends("482931")) == {"482", "4829", "48293", "931", "2931", "82931"}
    for text, shown in (("it is 4829", "it is ****"), ("31!", "31!"), ("931!", "***!"), ("4-8-2", "*-*-*")):
        assert codes.masked(text, codes.ends("482931"), "*") == shown


async def reply(desk: Desk, text: str, key: str | None = None, number: str = TO) -> dict[str, Any]:
    """The handset answers; returns the message as its account has it."""
    client = desk.client(key)
    before = (await client.get("/v1/messages?direction=inbound&limit=100")).json["data"]
    sent = await client.post(f"/v1/sandbox/handsets/{number}/messages", {"text": text, "to": SENDER})
    assert sent.status == 202, sent.body
    found: list[dict[str, Any]] = []

    async def arrived() -> bool:
        found[:] = (await client.get("/v1/messages?direction=inbound&limit=100")).json["data"]
        return len(found) > len(before)

    await wait_until_async(arrived)
    return found[0]


async def test_an_answer_with_the_code_is_covered_wherever_it_is_shown(desk_on_each_engine: Desk) -> None:
    desk = desk_on_each_engine
    made = await desk.start()
    code = await desk.read()
    spaced = " ".join(code)
    for text, shown in (
        (code, "*" * len(code)),
        (f"It is {spaced}.", f"It is {' '.join('*' * len(code))}."),
        (f"{code.translate(ARABIC)}؟", "*" * len(code) + "؟"),
        ("word " * 60 + code, "word " * 60 + "*" * len(code)),  # in several parts
        (f"not {other_than(code)}", f"not {other_than(code)}"),
    ):
        message = await reply(desk, text)
        assert message["text"] == shown
    told = [data for type_, data in desk.events if type_ == "message.received"]
    assert len(told) == 5
    assert not any(code in data or spaced in data for data in told)
    kept = await desk.store.fetch("inbound_places")
    assert not kept
    answered = await desk.check(made["id"], code)
    assert answered.json["outcome"] == "approved", "an answer is no check"


async def test_an_answer_is_covered_after_the_end_and_of_every_code(desk: Desk) -> None:
    made = await desk.start()
    first = await desk.read()
    await desk.turn(400)
    assert (await desk.client().post(f"/v1/verifications/{made['id']}/resend", {})).status == 200
    second = await desk.read(2)
    assert first != second
    await desk.check(made["id"], second)
    assert (await reply(desk, f"{first} or {second}?"))["text"] == "****** or ******?"
    await desk.turn(AFTER_END_MS / 1000 + 1)
    assert (await reply(desk, second))["text"] == second


async def test_the_number_of_a_fallback_is_covered_and_other_numbers_are_not(desk: Desk) -> None:
    await desk.start(code="77AB12")
    await desk.read()
    assert (await reply(desk, "77ab12"))["text"] == "******"
    assert (await reply(desk, "77ab12", number="+15557650000"))["text"] == "77ab12"


async def test_the_sandbox_of_another_account_tells_nobody_that_a_code_was_guessed(desk: Desk) -> None:
    await desk.start()
    code = await desk.read()
    assert (await reply(desk, code, desk.test))["text"] == code
