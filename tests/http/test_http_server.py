"""The server over real sockets: start, stop, TCP_NODELAY, keep-alive, pipelines, garbage."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from onesixty.http.connection import Connection
from onesixty.http.front import Front
from onesixty.http.server import HttpServer, Server, serve_http
from tests.doors.conftest import World, world
from tests.doors.test_doors_bad_input import BODIES
from tests.http.world import LIVE, SEND
from tests.support.waiting import wait_until_async

__all__ = ["world"]

BODY = json.dumps(SEND).encode()


def request(path: str = "/v1/sms/send", body: bytes = BODY, *headers: str, method: str = "POST") -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: x",
        f"Authorization: Bearer {LIVE}",
        "Content-Type: application/json",
        *(headers or (f"Content-Length: {len(body)}",)),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Wire:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)
        }
        body = await self.reader.readexactly(int(headers["content-length"]))
        return int(head[0].split()[1]), headers, body

    async def ask(self, data: bytes) -> tuple[int, dict[str, str], bytes]:
        self.writer.write(data)
        return await self.answer()

    async def ended(self) -> bool:
        try:
            return await self.reader.read() == b""
        except ConnectionResetError:
            return True


class Serving:
    def __init__(self, world: World, server: HttpServer) -> None:
        self.world = world
        self.server = server
        self.wires: list[Wire] = []

    async def wire(self) -> Wire:
        wire = Wire(*await asyncio.open_connection("127.0.0.1", self.server.port))
        self.wires.append(wire)
        return wire


@pytest.fixture
async def serving(world: World) -> AsyncIterator[Serving]:
    world.front.body_seconds = 0.2
    made = Serving(world, await serve_http(world.front, "127.0.0.1", 0))
    yield made
    for wire in made.wires:
        wire.writer.close()
    await made.server.stop(1)


async def test_one_connection_takes_many_requests(serving: Serving) -> None:
    wire = await serving.wire()
    for _ in range(3):
        status, headers, body = await wire.ask(request())
        assert status == 202
        assert headers["x-request-id"].startswith("req_")
        assert json.loads(body)["message_id"].startswith("msg_")
        assert (await wire.ask(request("/healthz", b"", method="GET")))[0] == 200
    assert len(serving.world.accepted) == 3


async def test_pipelined_requests_are_answered_in_order(serving: Serving) -> None:
    wire = await serving.wire()
    bodies = [json.dumps({**SEND, "reference": str(number)}).encode() for number in range(20)]
    data = b""
    for number, body in enumerate(bodies):
        data += request(body=body)
        if number % 3 == 0:
            data += request("/healthz", b"", method="GET")
    wire.writer.write(data)
    references = []
    for number in range(20):
        status, _, body = await wire.answer()
        assert status == 202
        references.append(json.loads(body)["text"])
        if number % 3 == 0:
            assert json.loads((await wire.answer())[2]) == {"status": "ok"}
    assert len(references) == 20
    assert [order.reference for order in serving.world.orders] == [str(number) for number in range(20)]


async def test_a_request_in_the_smallest_pieces(serving: Serving) -> None:
    wire = await serving.wire()
    for byte in request():
        wire.writer.write(bytes([byte]))
        await asyncio.sleep(0)
    assert (await wire.answer())[0] == 202


async def test_a_chunked_body(serving: Serving) -> None:
    chunked = b"%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n"
    wire = await serving.wire()
    assert (await wire.ask(request("/v1/sms/send", chunked, "Transfer-Encoding: chunked")))[0] == 202


async def test_a_client_that_waits_to_be_told_to_continue(serving: Serving) -> None:
    wire = await serving.wire()
    head = request("/v1/sms/send", b"", f"Content-Length: {len(BODY)}", "Expect: 100-continue")
    wire.writer.write(head)
    assert await wire.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert (await wire.ask(BODY))[0] == 202


async def test_bodies_over_the_limit_are_refused_and_the_connection_ends(serving: Serving) -> None:
    chunk = b"1000\r\n" + b" " * 4096 + b"\r\n"
    for data in (
        request(body=b" " * 5000),
        request("/v1/sms/send", b"", "Content-Length: 99999999999"),
        request("/v1/sms/send", chunk * 3 + b"0\r\n\r\n", "Transfer-Encoding: chunked"),
    ):
        wire = await serving.wire()
        status, headers, body = await wire.ask(data)
        assert (status, json.loads(body)["code"]) == (413, "body_too_large")
        assert headers["connection"] == "close"
        assert await wire.ended()


async def test_a_body_that_stops_coming(serving: Serving) -> None:
    wire = await serving.wire()
    status, _, body = await wire.ask(request("/v1/sms/send", b'{"from"', f"Content-Length: {len(BODY)}"))
    assert (status, json.loads(body)["code"]) == (408, "request_timeout")
    assert await wire.ended()


async def test_a_client_that_hangs_up_before_the_answer(serving: Serving) -> None:
    for data in (request(), request("/v1/sms/send", b"{", "Content-Length: 100")):
        wire = await serving.wire()
        wire.writer.write(data)
        wire.writer.transport.abort()
    wire = await serving.wire()
    assert (await wire.ask(request()))[0] == 202


async def test_what_is_not_http_is_refused_and_others_are_served_on(serving: Serving) -> None:
    other = await serving.wire()
    for garbage in (
        b"\x00\x00\x00\x2f\x00\x00\x00\x09" + b"\x00" * 39,
        b"GET / HTTP/9.9\r\n\r\n",
        b"\r\n" * 5 + b"?!\r\n\r\n",
    ):
        wire = await serving.wire()
        wire.writer.write(garbage)
        assert b"400 Bad Request" in await wire.reader.read()
    assert (await other.ask(request()))[0] == 202


@pytest.mark.parametrize("header", ["Connection: close", "connection: Close"])
async def test_a_client_that_wants_the_connection_closed(serving: Serving, header: str) -> None:
    wire = await serving.wire()
    status, headers, _ = await wire.ask(request("/v1/sms/send", BODY, f"Content-Length: {len(BODY)}", header))
    assert (status, headers["connection"]) == (202, "close")
    assert await wire.ended()


async def test_http_1_0(serving: Serving) -> None:
    wire = await serving.wire()
    status, _, _ = await wire.ask(request().replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert status == 202
    assert await wire.ended()


async def test_nobody_holds_a_connection_for_nothing(world: World) -> None:
    """A header or a request that never comes, and a header without end."""
    server = await serve_http(world.front, "127.0.0.1", 0, keep_alive=0.2)
    for data in (b"", b"POST /v1/sms/send HT", b"GET /healthz HTTP/1.1\r\nX-A: b"):
        wire = Wire(*await asyncio.open_connection("127.0.0.1", server.port))
        wire.writer.write(data)
        async with asyncio.timeout(5):
            assert await wire.ended()
        wire.writer.close()
    wire = Wire(*await asyncio.open_connection("127.0.0.1", server.port))
    wire.writer.write(b"GET /healthz HTTP/1.1\r\n")
    for _ in range(1000):
        wire.writer.write(b"X-A: " + b"b" * 1000 + b"\r\n")
    try:
        assert b"400 Bad Request" in await wire.reader.read(100)
        assert await wire.ended()
    except ConnectionResetError:
        pass  # it was still being written to when it was closed
    wire.writer.close()
    await server.stop(1)


async def test_every_connection_has_nodelay(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    """TCP_NODELAY on every HTTP socket."""
    from onesixty.http import server

    seen: list[int] = []
    made = server.Connection.connection_made

    def look(self: Any, transport: Any) -> None:
        made(self, transport)
        sock = transport.get_extra_info("socket")
        seen.append(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr(server.Connection, "connection_made", look)
    wire = await serving.wire()
    assert (await wire.ask(request()))[0] == 202
    assert seen
    assert all(seen)


async def test_a_stop_lets_requests_under_way_end(world: World) -> None:
    server = await serve_http(world.front, "127.0.0.1", 0)
    gate, reached = asyncio.Event(), asyncio.Event()
    intake = world.features.path.intake
    accept = intake.accept

    async def slowly(orders: Any) -> Any:
        reached.set()
        await gate.wait()
        return await accept(orders)

    intake.accept = slowly  # type: ignore[method-assign]
    wire = Wire(*await asyncio.open_connection("127.0.0.1", server.port))
    wire.writer.write(request())
    await reached.wait()
    stopping = asyncio.ensure_future(server.stop(5))
    listening = server._server.servers
    await wait_until_async(
        lambda: not any(each.is_serving() for each in listening), what="the end of listening"
    )
    assert not stopping.done()
    gate.set()
    status, _, _ = await wire.answer()
    assert status == 202
    assert await wire.ended()
    wire.writer.close()
    await stopping
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", server.port)


async def test_a_server_at_rest_ends_when_it_is_told() -> None:
    config = uvicorn.Config(Front, lifespan="off", http=Connection, log_config=None)
    config.load()
    server = Server(config)
    serving = asyncio.ensure_future(server.main_loop())
    await asyncio.sleep(0)
    assert server.server_state.default_headers[0][0] == b"date"
    server.end()
    for _ in range(5):  # turns of the loop: no time passes
        await asyncio.sleep(0)
    assert serving.done()


async def test_a_stop_is_bounded(world: World) -> None:
    server = await serve_http(world.front, "127.0.0.1", 0)
    reached = asyncio.Event()

    async def never(_orders: Any) -> Any:
        reached.set()
        await asyncio.Event().wait()

    world.features.path.intake.accept = never  # type: ignore[method-assign]
    wire = Wire(*await asyncio.open_connection("127.0.0.1", server.port))
    wire.writer.write(request())
    await reached.wait()
    async with asyncio.timeout(5):
        await server.stop(1)
    wire.writer.close()


async def test_a_port_in_use_fails_the_start(serving: Serving) -> None:
    with pytest.raises(OSError, match="in use"):
        await serve_http(serving.world.front, "127.0.0.1", serving.server.port)


async def test_the_short_way_answers_as_the_long_way_does(serving: Serving) -> None:
    """The whole table of bad input over one connection, against the answers through ASGI."""
    wire = await serving.wire()
    client = serving.world.client()
    for what, body, *_ in BODIES:
        status, headers, answer = await wire.ask(
            request(body=body, method="POST") if body else request(body=b" ")
        )
        direct = await client.post(
            "/v1/sms/send", raw=body or b" ", headers={"content-type": "application/json"}
        )
        assert (status, _without_ids(answer)) == (direct.status, _without_ids(direct.body)), what
        assert set(headers) - {"date"} == set(direct.headers), what


def _without_ids(body: bytes) -> Any:
    hidden = {"request_id", "id", "message_id"}
    return {name: value for name, value in json.loads(body).items() if name not in hidden}


async def test_a_connection_lost_during_an_answer_harms_nobody(serving: Serving) -> None:
    gate, reached = asyncio.Event(), asyncio.Event()
    intake = serving.world.features.path.intake
    accept = intake.accept

    async def slowly(orders: Any) -> Any:
        reached.set()
        await gate.wait()
        return await accept(orders)

    intake.accept = slowly  # type: ignore[method-assign]
    wire = await serving.wire()
    wire.writer.write(request())
    await reached.wait()
    wire.writer.transport.abort()
    gate.set()
    other = await serving.wire()
    assert (await other.ask(request()))[0] == 202
    assert len(serving.world.accepted) == 2, "a client that hangs up never cancels its request"


async def test_requests_sent_ahead_wait_for_a_slow_answer(serving: Serving) -> None:
    gate = asyncio.Event()
    intake = serving.world.features.path.intake
    accept = intake.accept

    async def slowly(orders: Any) -> Any:
        if not serving.world.accepted:
            await gate.wait()
        return await accept(orders)

    intake.accept = slowly  # type: ignore[method-assign]
    wire = await serving.wire()
    wire.writer.write(request() + request("/healthz", b"", method="GET") + request(body=b"{}"))
    asyncio.get_running_loop().call_later(0.05, gate.set)
    assert [(await wire.answer())[0] for _ in range(3)] == [202, 200, 422]


@pytest.mark.slow
async def test_a_client_that_does_not_read_is_not_buffered_for_without_end(serving: Serving) -> None:
    wire = await serving.wire()
    wire.writer.transport.pause_reading()
    wire.writer.write(request() * 3000)
    await wait_until_async(lambda: serving.world.accepted, what="the first message")
    other = await serving.wire()
    assert (await other.ask(request()))[0] == 202
    wire.writer.transport.resume_reading()
    for _ in range(3000):
        assert (await wire.answer())[0] == 202


CHUNKED = b"%x\r\n%b\r\n0\r\n" % (len(BODY), BODY)
KEY = f"Authorization: Bearer {LIVE}\r\n"


def chunked(key: str, trailer: str) -> bytes:
    head = f"POST /v1/sms/send HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{key}"
    return f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + CHUNKED + f"{trailer}\r\n".encode()


async def test_fields_of_a_trailer_are_not_of_the_header(serving: Serving) -> None:
    """RFC 9110, 6.5.1: a key or an Idempotency-Key that comes after the body counts for nothing."""
    wrong = "Authorization: Bearer os_live_wrong\r\n"
    for key, trailer, status in (("", KEY, 401), (wrong, KEY, 401), (KEY, wrong, 202)):
        wire = await serving.wire()
        assert (await wire.ask(chunked(key, trailer)))[0] == status
    wire = await serving.wire()
    bad = "Idempotency-Key: \u00e9\r\n"  # would be refused in a header
    assert (await wire.ask(chunked(KEY, bad)))[0] == 202


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["Host: a", "Host: b"],
        ["Host: a", "host: a"],
        ["Host: a b"],
        ["Host: a/b"],
        ["Host: a", KEY.strip(), "Authorization: Bearer other"],
        ["Host: a", "Idempotency-Key: 1", "Idempotency-Key: 2"],
        ["Host: a", "Content-Type: application/json", "Content-Type: text/plain"],
    ],
    ids=", ".join,
)
@pytest.mark.parametrize("path", ["GET /healthz", "POST /v1/sms/send"])
async def test_a_header_that_can_be_read_in_two_ways_is_refused(
    serving: Serving, path: str, lines: list[str]
) -> None:
    """RFC 9112, 3.2: no Host, two, or one that is none, is 400; and what may stand once does not stand twice."""
    wire = await serving.wire()
    body = BODY if path.startswith("POST") else b""
    head = "\r\n".join([f"{path} HTTP/1.1", *lines, f"Content-Length: {len(body)}"])
    status, headers, answer = await wire.ask(head.encode() + b"\r\n\r\n" + body)
    assert (status, json.loads(answer)["code"], headers["connection"]) == (400, "bad_request", "close")
    assert await wire.ended()


async def test_http_1_0_needs_no_host(serving: Serving) -> None:
    wire = await serving.wire()
    status, headers, _ = await wire.ask(b"GET /healthz HTTP/1.0\r\n\r\n")
    assert (status, headers["connection"]) == (200, "close")


@pytest.mark.parametrize("path", ["/healthz", "/openapi.json", "/docs/errors", "/v1/nothing"])
async def test_head_is_get_without_its_body(serving: Serving, path: str) -> None:
    """RFC 9110, 9.3.2; what monitors and balancers ask."""
    wire = await serving.wire()
    wire.writer.write(request(path, b"", method="HEAD"))
    head = await wire.reader.readuntil(b"\r\n\r\n")
    status, headers, body = await wire.ask(request(path, b"", method="GET"))  # what follows is its answer
    assert int(head.split()[1]) == status
    assert f"content-length: {headers['content-length']}".encode() in head
    assert len(body) > 0


async def test_answers_with_secrets_are_not_for_caches(serving: Serving) -> None:
    wire = await serving.wire()
    for data in (request(), request("/v1/nothing", b"", method="GET")):
        assert (await wire.ask(data))[1]["cache-control"] == "no-store"
    assert "cache-control" not in (await wire.ask(request("/healthz", b"", method="GET")))[1]


async def stream(scope: Any, receive: Any, send: Any) -> None:
    """An answer whose length is not known before its end."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/csv")]})
    for part in (b"a,b\n", b"1,2\n"):
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def test_http_1_0_gets_no_chunks() -> None:
    """RFC 9112, 6.1: the body of a stream is what comes until the connection ends."""
    server = await serve_http(stream, "127.0.0.1", 0)
    answers = {}
    for version in ("1.0", "1.1"):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(f"GET /x HTTP/{version}\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answers[version] = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
    await server.stop(1)
    head, _, body = answers["1.0"]
    assert body == b"a,b\n1,2\n"
    assert b"transfer-encoding" not in head
    assert b"transfer-encoding: chunked" in answers["1.1"][0]
