"""POST /v1/sms/batch and /v1/batches over the real intake: by index, in chunks, whole under one key."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from onesixty.core import ids
from onesixty.doors.v1 import SEND_PATH
from onesixty.doors.v1.batch import BATCH_PATH
from onesixty.messages import batches
from onesixty.store.units import Unavailable
from tests.doors.office import Office
from tests.http.asgi import Reply
from tests.http.world import SEND
from tests.support.waiting import wait_until_async

KEY = {"idempotency-key": "campaign-7"}
CHUNK = 10


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "CHUNK", CHUNK)


@pytest.fixture
async def small() -> AsyncIterator[Office]:
    made = await Office.open(max_body_bytes=4096)
    await made.route()
    yield made
    await made.close()


async def post(office: Office, body: Any, headers: dict[str, str] | None = None) -> Reply:
    return await office.client().post(BATCH_PATH, body, headers=headers or {})


def many(count: int) -> dict[str, Any]:
    return {"messages": [{**SEND, "text": f"m{place:05}"} for place in range(count)]}


async def test_each_is_accepted_or_refused_by_its_place(office: Office) -> None:
    rows: list[Any] = [
        SEND,
        {**SEND, "to": "1"},
        {**SEND, "text": None},
        {**SEND, "color": "red"},
        17,
        {**SEND, "text": "it’s", "transliterate": True, "flash": True},
        {**SEND, "text": "nul \x00"},
        {**SEND, "max_segments": 1, "text": "x" * 161},
    ]
    reply = await post(office, {"messages": rows})
    assert reply.status == 202, reply.body
    answer = reply.json
    assert [entry["index"] for entry in answer["messages"]] == [0, 5]
    assert answer["messages"][1]["changes"] == [{"character": "’", "replacement": "'", "count": 1}]
    assert {r["index"]: (r["code"], r["param"]) for r in answer["refusals"]} == {
        1: ("invalid_recipient", "messages[1].to"),
        2: ("missing_field", "messages[2].text"),
        3: ("unknown_field", "messages[3].color"),
        4: ("invalid_field", "messages[4]"),
        6: ("invalid_field", "messages[6].text"),
        7: ("text_too_long", "messages[7].text"),
    }
    assert (answer["size"], answer["accepted"], answer["refused"]) == (8, 2, 6)
    assert all(refusal["detail"] and refusal["doc_url"] for refusal in answer["refusals"])
    assert await office.texts() == ["Your verification code is 482931", "it's"]


async def test_one_text_goes_to_many(small: Office) -> None:
    body = {**SEND, "to": ["+15551234567", "nobody", "+15551234568"], "reference": "r", "tags": ["a"]}
    answer = (await post(small, body)).json
    assert [entry["index"] for entry in answer["messages"]] == [0, 2]
    assert [(r["code"], r["param"]) for r in answer["refusals"]] == [("invalid_recipient", "to[1]")]
    progress = (await small.client().get(f"/v1/batches/{answer['id']}")).json
    assert progress["statuses"] == {"queued": 2}
    assert (progress["price"], progress["currency"], progress["segments"]) == ("0.015", "EUR", 2)
    assert progress["ended_at"] is None
    assert progress["scheduled_at"] is None


async def test_a_batch_says_when_its_first_message_goes(small: Office) -> None:
    later, sooner = "2026-12-24T12:00:00.000Z", "2026-12-23T12:00:00.000Z"
    rows = [{**SEND, "scheduled_at": at} for at in (later, sooner)] + [SEND]
    batch = (await post(small, {"messages": rows})).json
    assert (await small.client().get(f"/v1/batches/{batch['id']}")).json["scheduled_at"] == sooner


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"messages": []}, "invalid_field", "messages"),
        ({"messages": {}}, "invalid_field", "messages"),
        ({"messages": [SEND], "from": "X"}, "unknown_field", "from"),
        ({**SEND, "to": []}, "invalid_field", "to"),
        ({**SEND, "to": "+15551234567"}, "invalid_field", "to"),
        ({**SEND, "to": ["+15551234567", 4]}, "invalid_field", "to[1]"),
        ({**SEND, "to": ["+15551234567"], "text": None}, "missing_field", "text"),
        ({**SEND, "to": ["+15551234567"], "color": 1}, "unknown_field", "color"),
        ({"from": "X", "text": "x"}, "missing_field", "messages"),
        ([], "invalid_field", None),
    ],
)  # fmt: skip
async def test_what_is_no_batch_is_refused_whole(
    small: Office, body: Any, code: str, param: str | None
) -> None:
    reply = await post(small, body)
    assert (reply.status, reply.json["code"], reply.json["param"]) == (422, code, param), reply.body
    assert await small.texts() == []


async def test_a_batch_of_which_nothing_can_be_sent_is_refused(small: Office) -> None:
    body = {**SEND, "to": ["1", "2"]}
    for _ in range(2):
        reply = await post(small, body, KEY)
        assert (reply.status, reply.json["code"]) == (422, "batch_refused")
        assert [refusal["param"] for refusal in reply.json["refusals"]] == ["to[0]", "to[1]"]
    assert reply.headers["idempotency-replayed"] == "true"


async def test_a_batch_is_replayed_whole(office: Office) -> None:
    """A client that retries after a time-out must not send twice, not one of ten thousand."""
    first = await post(office, many(5), KEY)
    await office.again()
    again = await post(office, many(5), KEY)
    assert (again.status, again.body) == (202, first.body)
    assert again.headers["idempotency-replayed"] == "true"
    other = await post(office, many(6), KEY)
    assert (other.status, other.json["code"]) == (409, "idempotency_mismatch")
    assert len(await office.texts()) == 5


async def test_twins_at_once_make_one_batch(office: Office) -> None:
    other = office.client()
    await office.again()  # as another node over the same database
    size = CHUNK + 2
    clients = (office.client(), other) * 2
    replies = await asyncio.gather(*(one.post(BATCH_PATH, many(size), headers=KEY) for one in clients))
    answered = [reply for reply in replies if reply.status == 202]
    assert answered
    assert all(reply.json["code"] == "unavailable" for reply in replies if reply.status != 202)
    assert len({reply.body for reply in answered}) == 1
    assert await office.texts() == [f"m{place:05}" for place in range(size)]


@pytest.mark.parametrize("keyed", [True, False])
async def test_a_store_that_goes_away_in_the_middle(office: Office, keyed: bool) -> None:
    """With a key the same again brings it to its end; without one each place says whether it is on disk."""
    size, room = 3 * CHUNK, [CHUNK + 4]

    def refuse(unit: Any) -> Any:
        if any(name.startswith("message_insert") for name, _ in unit.writes):
            room[0] -= 1
            return Unavailable("the disk is full") if room[0] < 0 else None
        return None

    office.store.refuse = refuse
    reply = await post(office, many(size), KEY if keyed else {})
    assert len(await office.texts()) == CHUNK + 4
    office.store.refuse = lambda unit: None
    if keyed:
        assert (reply.status, reply.json["code"], reply.headers["retry-after"]) == (503, "unavailable", "1")
        progress = (await office.client().get(f"/v1/batches/{reply.json['batch_id']}")).json
        assert (progress["accepted"], progress["accepted_at"]) == (CHUNK + 4, None)
        await office.again()
        reply = await post(office, many(size), KEY)
        assert [entry["index"] for entry in reply.json["messages"]] == list(range(size))
        assert await office.texts() == [f"m{place:05}" for place in range(size)]
    else:
        assert reply.status == 202
        assert [entry["index"] for entry in reply.json["messages"]] == list(range(CHUNK + 4))
        assert {(r["code"], r["retryable"]) for r in reply.json["refusals"]} == {("unavailable", True)}
        assert len(reply.json["refusals"]) == size - CHUNK - 4
    assert len({entry["message_id"] for entry in reply.json["messages"]}) == len(reply.json["messages"])


async def test_a_store_that_is_away_is_answered_so(small: Office) -> None:
    small.store.down = True
    reply = await post(small, many(3))
    assert (reply.status, reply.json["code"]) == (503, "unavailable")


@pytest.mark.parametrize("point", ["intake.before_commit", "intake.before_answer"])
async def test_a_batch_that_was_cut_off_anywhere_is_brought_to_its_end(small: Office, point: str) -> None:
    """Whatever kills it between two chunks, a repetition adds what is missing and doubles nothing."""
    hits = [0]

    def fault(name: str) -> None:
        hits[0] += name == point
        if name == point and hits[0] == 2:
            raise Unavailable("cut off")

    small.faults = fault
    reply = await post(small, many(2 * CHUNK + 1), KEY)
    assert (reply.status, reply.json["code"]) == (503, "unavailable")
    small.faults = lambda name: None
    assert len(await small.texts()) == (CHUNK if point == "intake.before_commit" else 2 * CHUNK)
    await small.again()
    reply = await post(small, many(2 * CHUNK + 1), KEY)
    assert reply.status == 202
    assert [entry["index"] for entry in reply.json["messages"]] == list(range(2 * CHUNK + 1))
    assert await small.texts() == [f"m{place:05}" for place in range(2 * CHUNK + 1)]
    assert (await small.client().get(f"/v1/batches/{reply.json['id']}")).json["accepted_at"]


async def test_who_hangs_up_does_not_stop_his_batch(small: Office) -> None:
    asked = asyncio.ensure_future(post(small, many(3 * CHUNK), KEY))
    await wait_until_async(small.texts, what="the first chunk")
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    reply = await post(small, many(3 * CHUNK), KEY)
    assert reply.headers["idempotency-replayed"] == "true"
    assert len(await small.texts()) == 3 * CHUNK


async def test_others_have_their_turn_meanwhile(small: Office) -> None:
    """A send that comes while a large batch is accepted is answered before the batch is."""
    batch = asyncio.ensure_future(post(small, many(300)))
    await wait_until_async(small.texts, what="the first chunk")
    reply = await small.client().post(SEND_PATH, SEND)
    assert reply.status == 202
    assert not batch.done()
    assert len((await batch).json["messages"]) == 300


async def test_a_larger_body_is_for_batches_alone(small: Office) -> None:
    assert (await post(small, many(100))).status == 202
    reply = await small.client().post(SEND_PATH, {**SEND, "text": "x" * 5000})
    assert (reply.status, reply.json["code"]) == (413, "body_too_large")


async def test_a_batch_says_when_it_goes(office: Office) -> None:
    """The first time that an order names, in the list too; that of an order that cannot be sent does not count."""
    days = [f"2026-12-{day}T12:00:00.000Z" for day in (24, 23, 22)]
    messages = [*({**SEND, "scheduled_at": day} for day in days), SEND]
    messages[2] |= {"from": 17}
    timed = (await post(office, {"messages": messages})).json
    plain = (await post(office, many(2))).json
    assert (timed["scheduled_at"], plain["scheduled_at"]) == (days[1], None)
    listed = (await office.client().get("/v1/batches")).json["data"]
    assert [(row["id"], row["scheduled_at"]) for row in listed] == [
        (plain["id"], None),
        (timed["id"], days[1]),
    ]


async def test_batches_are_listed_and_canceled(office: Office) -> None:
    first, second = (await post(office, many(3))).json, (await post(office, many(CHUNK + 5))).json
    page = (await office.client().get("/v1/batches?limit=1")).json
    assert [batch["id"] for batch in page["data"]] == [second["id"]]
    rest = (await office.client().get(f"/v1/batches?after={page['next']}")).json
    assert [batch["id"] for batch in rest["data"]] == [first["id"]]
    assert rest["next"] is None
    assert (await office.client(office.test).get(f"/v1/batches/{first['id']}")).status == 404
    for path in (f"/v1/batches/{ids.derived('bat', first['id'], 0)}", "/v1/batches/x"):
        assert (await office.client().get(path)).json["code"] == "not_found"
    client = office.client()
    canceled = (await client.post(f"/v1/batches/{second['id']}/cancel", None)).json
    assert (canceled["canceled_now"], canceled["statuses"]) == (CHUNK + 5, {"canceled": CHUNK + 5})
    assert canceled["canceled_at"] is not None
    assert canceled["ended_at"] is not None
    again = (await client.post(f"/v1/batches/{second['id']}/cancel", None)).json
    assert (again["canceled_now"], again["canceled_at"]) == (0, canceled["canceled_at"])
    assert (await office.client().get(f"/v1/batches/{first['id']}")).json["statuses"] == {"queued": 3}
