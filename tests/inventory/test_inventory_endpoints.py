"""/v1/numbers over HTTP: its filters."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.doors.office import Office


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    made = await Office.open()
    yield made
    await made.close()


async def listed(office: Office, query: str = "", key: str | None = None) -> list[str]:
    reply = await office.client(key).get(f"/v1/numbers{query}")
    assert reply.status == 200, reply.body
    return [row["number"] for row in reply.json["data"]]


async def test_numbers_are_listed_by_a_part_and_by_mode(office: Office) -> None:
    operator = office.client()
    for body in (
        {"number": "+15550001111"},
        {"number": "+4915112345678", "test": True},
        {"number": "40404", "keywords": ["join"]},
    ):
        assert (await operator.post("/v1/numbers", body)).status == 201
    assert await listed(office) == ["40404", "+4915112345678", "+15550001111"]
    assert await listed(office, "?number=0001") == ["+15550001111"]
    assert await listed(office, "?number=%2B49") == ["+4915112345678"]
    assert await listed(office, "?number=%25") == []
    assert await listed(office, "?mode=test") == ["+4915112345678"]
    assert await listed(office, "?mode=live") == ["40404", "+15550001111"]
    assert await listed(office, "?mode=test", office.test) == ["+4915112345678"]
    refused = await office.client(office.test).get("/v1/numbers?mode=live")
    assert (refused.status, refused.json["code"], refused.json["param"]) == (403, "wrong_mode", "mode")


async def test_a_number_that_got_no_message_says_so(office: Office) -> None:
    made = await office.client().post("/v1/numbers", {"number": "+15550001111"})
    assert made.json["last_received_at"] is None
    assert (await office.client().get("/v1/numbers/+15550001111")).json["last_received_at"] is None
