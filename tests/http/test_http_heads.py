"""Headers that were read before: the same bytes mean the same, and nothing else is taken for a request."""

import json

import pytest

from onesixty.http.call import Call
from onesixty.http.heads import CAPACITY, Heads
from onesixty.http.hot import Hot
from tests.http.test_http_server import BODY, request
from tests.http.test_http_ticks import Serving, message, serving
from tests.http.world import SEND

__all__ = ["serving"]


async def test_a_known_header_gets_what_the_parser_would_give(serving: Serving) -> None:
    wire = await serving.wire()
    known = len(serving.world.front.heads._known)
    for number in range(3):
        status, headers, body = await wire.ask(message(number))
        assert (status, json.loads(body)["recipient"]) == (202, f"+1555123{number:04d}")
        assert {"x-request-id", "ratelimit", "cache-control", "date"} <= set(headers)
    assert len(serving.world.front.heads._known) == known
    other = await serving.wire()
    assert (await other.ask(message(9)))[0] == 202


async def test_a_body_with_an_empty_line_in_it(serving: Serving) -> None:
    wire = await serving.wire()
    for text in ("a\r\n\r\nb", "c\r\n\r\nd"):
        raw = json.dumps(SEND | {"text": "x"}).replace('"x"', f'"{text}"').encode()
        assert (await wire.ask(request(body=raw)))[0] == 400  # control characters in JSON
    spaced = json.dumps(SEND).replace(", ", ",\r\n\r\n").encode()
    for _ in range(2):
        assert (await wire.ask(request(body=spaced)))[0] == 202


async def test_requests_in_one_read_and_in_pieces(serving: Serving) -> None:
    wire = await serving.wire()
    wire.writer.write(message(1) + message(2))
    assert [(await wire.answer())[0] for _ in range(2)] == [202, 202]
    data = message(3)
    for piece in (data[:10], data[10:-5], data[-5:]):
        wire.writer.write(piece)
        await wire.writer.drain()
    assert (await wire.answer())[0] == 202
    assert (await wire.ask(message(4)))[0] == 202
    assert len(serving.world.accepted) == 5  # with the first request of the fixture


async def test_a_body_is_never_taken_for_a_request(serving: Serving) -> None:
    inner = message(7)
    wire = await serving.wire()
    outer = request("/v1/webhooks", b"", f"Content-Length: {len(inner)}").replace(
        b"Bearer os_", b"Bearer xx_"
    )
    wire.writer.write(outer)
    await wire.writer.drain()
    wire.writer.write(inner)
    assert (await wire.answer())[0] == 401
    assert (await wire.ask(message(8)))[0] == 202
    assert [accepted.recipient for accepted in serving.world.accepted[1:]] == ["+15551230008"]


@pytest.mark.parametrize("header", ["Idempotency-Key: order-1", "X-Request-Id: order-1"])
async def test_a_header_that_does_not_come_again_is_not_kept(serving: Serving, header: str) -> None:
    wire = await serving.wire()
    known = len(serving.world.front.heads._known)
    for _ in range(2):
        data = request("/v1/sms/send", BODY, f"Content-Length: {len(BODY)}", header)
        assert (await wire.ask(data))[0] == 202
    assert len(serving.world.front.heads._known) == known


@pytest.mark.parametrize("header", ["Connection: close", "Expect: 100-continue"])
async def test_other_connections_are_left_to_the_parser(serving: Serving, header: str) -> None:
    known = len(serving.world.front.heads._known)
    for _ in range(2):
        wire = await serving.wire()
        wire.writer.write(request("/v1/sms/send", BODY, f"Content-Length: {len(BODY)}", header))
        if "100" in header:
            await wire.reader.readuntil(b"\r\n\r\n")
        assert (await wire.answer())[0] == 202
    assert len(serving.world.front.heads._known) == known


def test_what_is_kept_is_bounded() -> None:
    async def route(call: Call) -> None: ...

    heads, hot = Heads(), Hot(route, None, "/v1/sms/send")  # type: ignore[arg-type]
    call = Call("POST", "/", [(b"host", b"x")], "")
    for number in range(2 * CAPACITY):
        heads.keep(b"POST / HTTP/1.1\r\nhost: %d\r\n\r\n" % number, hot, call)
        assert len(heads._known) <= CAPACITY
    known = len(heads._known)
    heads.keep(b"x" * 3000 + b"\r\n\r\n", hot, call)
    heads.keep(b"not as long as its body\r\n\r\nmore", hot, call)
    assert len(heads._known) == known
    assert heads.find(b"POST / HTTP/1.1\r\nhost: %d\r\n\r\n" % (2 * CAPACITY - 1)) is not None
    assert heads.find(b"POST / HTTP/1.1\r\nhost: %d\r\n\r\nmore" % (2 * CAPACITY - 1)) is None
    assert heads.find(b"POST / HTTP/1.1\r\nhost") is None
