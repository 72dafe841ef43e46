"""Requests that arrive in one step of the loop: one commit, and to each its own answer."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from onesixty.core.message import Message
from onesixty.core.orders import PlainOrder
from onesixty.http.call import Call
from onesixty.http.server import serve_http
from onesixty.messages.drafts import Draft
from tests.doors.conftest import World
from tests.doors.office import Office
from tests.http.test_http_server import Serving, request
from tests.http.world import LIVE, NARROW, SEND
from tests.support.waiting import wait_until_async


@pytest.fixture
async def serving() -> AsyncIterator[Serving]:
    world = await World.open()
    await world.route()
    made = Serving(world, await serve_http(world.front, "127.0.0.1", 0))
    await (await made.wire()).ask(request())  # the key is in memory from here on
    yield made
    for wire in made.wires:
        wire.writer.close()
    await made.server.stop(1)
    await world.close()


def message(number: int, **other: Any) -> bytes:
    return request(body=json.dumps(SEND | {"to": f"+1555123{number:04d}"} | other).encode())


async def at_once(serving: Serving, requests: Sequence[bytes]) -> list[tuple[int, Any]]:
    """The answers to requests that arrive together: the loop is kept busy until all are in the server's sockets."""
    wires = [await serving.wire() for _ in requests]
    await asyncio.sleep(0.01)
    for wire, data in zip(wires, requests, strict=True):
        wire.writer.write(data)
    answers = [await wire.answer() for wire in wires]
    return [(status, json.loads(body)) for status, _, body in answers]


def commits(serving: Serving) -> list[int]:
    """The number of units of each commit from now on."""
    store: Any = serving.world.features.path.intake._store
    commit, sizes = store.commit, []

    def noted(units: Sequence[Any]) -> Any:
        sizes.append(len(units))
        return commit(units)

    store.commit = noted
    return sizes


async def test_requests_of_one_step_share_a_commit_and_keep_their_order(serving: Serving) -> None:
    sizes = commits(serving)
    answers = await at_once(serving, [message(number) for number in range(10)])
    assert [(status, body["recipient"]) for status, body in answers] == [
        (202, f"+1555123{number:04d}") for number in range(10)
    ]
    assert sum(sizes) == 10
    assert len(sizes) < 10
    ids = [body["message_id"] for _, body in answers]
    assert ids == sorted(ids)
    assert serving.world.counted.count(("/v1/sms/send", 202)) == 11


async def test_each_request_is_refused_for_itself(serving: Serving) -> None:
    requests = [
        message(1),
        message(2, to="911"),
        request(body=b"{"),
        message(3).replace(b"application/json", b"text/plain"),
        message(4).replace(LIVE.encode(), NARROW.encode()),
        message(5).replace(LIVE.encode(), b"os_live_unknown"),
        message(6).replace(b"Host: x\r\n", b""),
        message(7),
    ]
    answers = await at_once(serving, requests)
    assert [status for status, _ in answers] == [202, 422, 400, 415, 403, 401, 400, 202]
    assert [body.get("code") for _, body in answers] == [
        *(None, "invalid_recipient", "bad_json", "unsupported_media_type"),
        *("forbidden", "unauthorized", "bad_request", None),
    ]


async def test_an_unexpected_failure_in_a_step_is_that_of_one_request(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = serving.world.features.path.intake._steps
    judge = steps.judge_now

    def fail(draft: Draft) -> None:
        if draft.message.recipient == "+15551230002":
            raise RuntimeError("a bug")
        judge(draft)

    monkeypatch.setattr(steps, "judge_now", fail)
    answers = await at_once(serving, [message(number, tags=["general"]) for number in range(4)])
    assert [status for status, _ in answers] == [202, 202, 500, 202]
    assert len(serving.world.accepted) == 4


async def test_an_unexpected_failure_in_the_express_lane_is_that_of_one_request(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    express = serving.world.features.path.intake._express
    take, taken = express.take, []
    await at_once(serving, [message(9)])  # decides for those alike

    def fail(order: PlainOrder, now: int) -> Any:
        if order.recipient == "+15551230002":
            raise RuntimeError("a bug")
        found = take(order, now)
        taken.append(found is not None)
        return found

    monkeypatch.setattr(express, "take", fail)
    answers = await at_once(serving, [message(number) for number in range(4)])
    assert [status for status, _ in answers] == [202, 202, 500, 202]
    assert all(taken), "they took the lane"
    assert len(serving.world.accepted) == 5


async def test_an_unexpected_failure_before_the_route_is_that_of_one_request(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = serving.world.front._limits
    take, taken = limits.take, []

    def fail(who: str, per_second: int, share: float | None) -> Any:
        taken.append(who)
        if len(taken) == 2:
            raise RuntimeError("a bug")
        return take(who, per_second, share)

    monkeypatch.setattr(limits, "take", fail)
    async with asyncio.timeout(5):
        answers = await at_once(serving, [message(number) for number in range(3)])
    assert sorted(status for status, _ in answers) == [202, 202, 500]


async def test_what_was_reserved_is_free_after_an_unexpected_failure(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = serving.world.features.path.intake
    unit, dropped = intake._unit, []
    drop = intake._holds.dropped

    def fail(accepted: Message, order: Any) -> Any:
        if accepted.recipient == "+15551230002":
            raise RuntimeError("a bug")
        return unit(accepted, order)

    def noted(taken: Message) -> None:
        dropped.append(taken.recipient)
        drop(taken)

    monkeypatch.setattr(intake, "_unit", fail)
    monkeypatch.setattr(intake._holds, "dropped", noted)
    answers = await at_once(serving, [message(number) for number in range(4)])
    assert [status for status, _ in answers] == [202, 202, 500, 202]
    assert dropped.count("+15551230002") >= 1
    for queue in serving.world.features.path.dispatcher.queues.values():
        assert len(queue.lane) == 4  # with the first request of the fixture


async def test_a_request_with_a_key_of_its_own_is_alone(serving: Serving) -> None:
    sizes = commits(serving)
    keyed = [
        message(number).replace(b"Host: x\r\n", b"Host: x\r\nIdempotency-Key: same\r\n") for number in (1, 1)
    ]
    answers = await at_once(serving, [message(0), *keyed, message(2)])
    assert [status for status, _ in answers] == [202] * 4
    assert answers[1] == answers[2]
    assert sizes.count(1) >= 2


@pytest.mark.parametrize(
    ("account", "key"),
    [
        ({"credit_limit": "10"}, None),
        ({"limits": {"messages_per_day": 100}}, None),
        ({}, {"limits": {"messages_per_day": 100}}),
    ],
)
async def test_a_caller_whose_orders_may_wait_is_alone(
    account: dict[str, Any], key: dict[str, Any] | None
) -> None:
    """For credit, for a limit of the account, or for one of its key."""
    office = await Office.open()
    await office.route()
    asked = {"name": "limited", "price_per_segment": "0.01", **account}
    made = await office.client().post("/v1/accounts", asked)
    limited = next(key["secret"] for key in made.json["keys"] if key["mode"] == "live")
    if key is not None:
        named = {"name": "narrow", "mode": "live", **key}
        limited = (await office.client(limited).post("/v1/keys", named)).json["secret"]
    found = office.front.hot.find("POST", "/v1/sms/send")
    assert found is not None
    hot = found.hot
    for key_, joins in ((office.live, True), (limited, False)):
        assert (await office.client(key_).post("/v1/sms/send", SEND)).status == 202
        headers = [(b"host", b"x"), (b"authorization", f"Bearer {key_}".encode())]
        assert office.front.joins(Call("POST", "/v1/sms/send", headers, ""), hot) is joins
    await office.close()


async def test_a_stop_cuts_a_connection_whose_client_takes_no_answer(serving: Serving) -> None:
    wire = await serving.wire()
    state: Any = serving.server._server.server_state
    for connection in state.connections:
        connection.flow.pause_writing()
    wire.writer.write(message(1))
    await wait_until_async(lambda: len(serving.world.accepted) == 2)
    await serving.server.stop(1)
    async with asyncio.timeout(1):
        assert await wire.ended()
