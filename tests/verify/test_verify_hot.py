"""A check on the short way and through FastAPI: the same answers, for whatever is sent."""

import re
from typing import Any

from onesixty.http.hot import HotRoutes
from tests.http.asgi import Client, Reply
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
