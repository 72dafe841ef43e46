"""A check on the short way and through FastAPI: the same answers, for whatever is sent."""

import asyncio
import json
import re
from collections.abc import Sequence
from typing import Any

import pytest

from onesixty.http.call import Call
from onesixty.http.hot import HotRoutes
from onesixty.http.server import serve_http
from onesixty.verify import life
from onesixty.verify.verification import Verification
from tests.http.asgi import Client, Reply
from tests.http.test_http_server import Wire, request
from tests.http.world import LIVE
from tests.verify.conftest import PATH, TO, Desk, other_than

UNKNOWN = "ver_01kb8ap3qreckbnetnvf0wmvwf"
#: What differs from request to request.
PASSING = re.compile(r"(ver|req)_[0-9a-z]{26}")


def said(reply: Reply) -> tuple[int, dict[str, str], str]:
    """An answer without ids and rates of the moment."""
    headers = {name: PASSING.sub(r"\1", value) for name, value in reply.headers.items()}
    return reply.status, headers, PASSING.sub(r"\1", reply.body.decode())


async def answers_of(desk: Desk) -> dict[str, Reply]:
    """The answers to checks of every kind, by what they are."""
    started = await desk.start()
    code, path = await desk.read(), f"{PATH}/{started['id']}/check"
    owner, nobody, reader = desk.client(), Client(desk.front), desk.client(await desk.reader())
    limited = await owner.post(
        "/v1/keys", {"name": "slow", "mode": "live", "scopes": ["verify"], "requests_per_second": 1}
    )
    assert limited.status == 201, limited.body
    slow = desk.client(limited.json["secret"])
    answers = {
        "wrong": await owner.post(path, {"code": other_than(code)}),
        "unknown": await owner.post(f"{PATH}/{UNKNOWN}/check", {"code": code}),
        "not an id": await owner.post(f"{PATH}/nothing/check", {"code": code}),
        "escaped": await owner.post(f"{PATH}/a%2Fb/check", {"code": code}),
        "a query": await owner.post(f"{path}?a=1", {"code": other_than(code)}),
        "a query that is none": await owner.post(f"{path}?a=%ff", {"code": other_than(code)}),
        "no json": await owner.post(path, raw=b"{"),
        "no body": await owner.post(path),
        "an unknown field": await owner.post(path, {"code": code, "kode": "1"}),
        "a repeated field": await owner.post(path, raw=b'{"code": "1", "code": "2"}'),
        "no code": await owner.post(path, {}),
        "a NUL": await owner.post(path, {"code": "12\x0056"}),
        "another type": await owner.post(path, {"code": code}, headers={"content-type": "text/plain"}),
        "no key": await nobody.post(path, {"code": code}),
        "another key": await desk.client("os_live_unknown").post(path, {"code": code}),
        "without the scope": await reader.post(path, {"code": code}),
        "a bad idempotency key": await owner.post(path, {"code": code}, headers={"idempotency-key": ""}),
        "within the rate": await slow.post(f"{PATH}/{UNKNOWN}/check", {"code": code}),
        "above the rate": await slow.post(f"{PATH}/{UNKNOWN}/check", {"code": code}),
        "another method": await owner.put(path, {"code": code}),
        "first": await owner.post(path, {"code": code}, headers={"idempotency-key": "k"}),
        "repeated": await owner.post(path, {"code": code}, headers={"idempotency-key": "k"}),
        "again": await owner.post(path, {"code": code}),
    }
    later = await desk.start("+15551234568")
    await desk.turn(601)
    answers["expired"] = await owner.post(f"{PATH}/{later['id']}/check", {"code": "000000"})
    return answers


async def test_a_check_is_answered_alike_on_both_ways(desk: Desk, tmp_path: Any) -> None:
    answers = await answers_of(desk)
    statuses = {what: reply.status for what, reply in answers.items()}
    assert statuses["above the rate"] == 429
    assert [statuses[what] for what in ("wrong", "unknown", "first", "repeated", "expired")] == [200] * 5
    assert answers["first"].json["outcome"] == "approved"
    assert answers["expired"].json["outcome"] == "expired"
    other = await Desk.open(data_dir=tmp_path / "other")
    try:
        await other.ready()
        other.front.hot = HotRoutes(())
        long_way = await answers_of(other)
    finally:
        await other.close()
    for what, reply in answers.items():
        assert said(reply) == said(long_way[what]), what


async def test_a_check_is_counted_under_its_template(desk: Desk) -> None:
    started = await desk.start(TO)
    await desk.check(started["id"], "000000")
    counted = desk.node.observer.render().decode()
    assert 'route="/v1/verifications/{id}/check"' in counted
    assert started["id"] not in counted


async def at_once(desk: Desk, asked: Sequence[tuple[str, dict[str, Any]]]) -> tuple[list[Any], list[int]]:
    """The answers to requests (what follows the path, and the body) that arrive in one step, over real sockets; and
    the units of each commit."""
    commit, sizes = desk.store.commit, []

    def noted(units: Sequence[Any]) -> Any:
        sizes.append(len(units))
        return commit(units)

    server = await serve_http(desk.front, "127.0.0.1", 0)
    wires = [Wire(*await asyncio.open_connection("127.0.0.1", server.port)) for _ in asked]
    desk.store.commit = noted  # type: ignore[method-assign]
    try:
        for wire in wires:  # from here on, what is written is read in the next step
            await wire.ask(request("/healthz", b"", method="GET"))
        for wire, (rest, body) in zip(wires, asked, strict=True):
            data = request(f"{PATH}{rest}", json.dumps(body).encode())
            wire.writer.write(data.replace(LIVE.encode(), desk.live.encode()))
        answers = [await wire.answer() for wire in wires]
    finally:
        desk.store.commit = commit  # type: ignore[method-assign]
        for wire in wires:
            wire.writer.close()
        await server.stop(1)
    return [(status, json.loads(body)) for status, _, body in answers], sizes


def of(verification_id: str) -> str:
    """The rest of the path of a check."""
    return f"/{verification_id}/check"


async def test_checks_of_one_step_share_a_commit_and_each_has_its_answer(desk: Desk) -> None:
    numbers = [f"+1555123456{last}" for last in range(3)]
    ids = [(await desk.start(to))["id"] for to in numbers]
    codes = [await desk.read(to=to) for to in numbers]
    await desk.check(UNKNOWN, "000000")  # the sink is made, and the key is in memory
    answers, sizes = await at_once(
        desk,
        [
            (of(ids[0]), {"code": codes[0]}),
            (of(ids[1]), {"code": other_than(codes[1])}),
            (of(UNKNOWN), {"code": codes[0]}),
            (of(ids[2]), {"kode": codes[2]}),
            (of(ids[2]), {"code": codes[2]}),
        ],
    )
    assert [status for status, _ in answers] == [200, 200, 200, 422, 200]
    assert [body.get("outcome") for _, body in answers] == ["approved", "wrong", "unknown", None, "approved"]
    assert max(sizes) >= 4


async def test_many_checks_of_one_code_in_one_step_approve_once(desk_on_each_engine: Desk) -> None:
    desk = desk_on_each_engine
    started = await desk.start()
    code = await desk.read()
    await desk.check(UNKNOWN, code)
    answers, _ = await at_once(desk, [(of(started["id"]), {"code": code})] * 12)
    assert sorted(status for status, _ in answers) == [200] + [409] * 11
    assert len(desk.told("verification.approved")) == 1


async def test_a_burst_of_wrong_codes_in_one_step_exhausts_the_verification(desk: Desk) -> None:
    started = await desk.start()
    code = await desk.read()
    await desk.check(UNKNOWN, code)
    wrong = [(of(started["id"]), {"code": other_than(code)})] * 9
    answers, _ = await at_once(desk, [*wrong, (of(started["id"]), {"code": code})])
    assert [body["outcome"] for _, body in answers].count("wrong") == 4
    assert (await desk.get(started["id"]))["status"] == "exhausted"
    assert not desk.told("verification.approved")


async def test_a_check_that_fails_unexpectedly_fails_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [(await desk.start(f"+1555123456{last}"))["id"] for last in range(3)]
    await desk.check(UNKNOWN, "000000")
    judge = life.checked

    def fail(one: Verification, *rest: Any) -> Any:
        if one.id == ids[1]:
            raise RuntimeError("a bug")
        return judge(one, *rest)

    monkeypatch.setattr(life, "checked", fail)
    answers, _ = await at_once(desk, [(of(id_), {"code": "0000"}) for id_ in ids])
    assert [status for status, _ in answers] == [200, 500, 200]
    assert [(await desk.get(id_))["attempts_left"] for id_ in ids] == [4, 5, 4]


async def test_a_check_with_a_key_is_answered_alone(desk: Desk) -> None:
    path = f"{PATH}{of(UNKNOWN)}"
    found = desk.front.hot.find("POST", path)
    assert found is not None
    head = [(b"host", b"x"), (b"authorization", f"Bearer {desk.live}".encode())]
    await desk.start()
    assert desk.front.joins(Call("POST", path, head, "192.0.2.1"), found.hot)
    assert not desk.front.joins(
        Call("POST", PATH, [*head, (b"idempotency-key", b"k")], "192.0.2.1"), found.hot
    )
