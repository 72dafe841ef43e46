"""The HTTP sink against real servers on loopback: good, slow, silent, broken, hostile."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from email.utils import formatdate

import msgspec
import pytest
import trustme
from standardwebhooks import Webhook

from onesixty.core.clock import SystemClock
from onesixty.smpp.network import LoopNetwork
from onesixty.webhooks import secrets
from onesixty.webhooks.http_poster import Deadlines, HttpPoster
from onesixty.webhooks.poster import Answer, Outgoing
from tests.support.receiver import Receiver
from tests.support.waiting import wait_until_async

SECRET = secrets.from_key(bytes(range(32)))
KEYS = (secrets.to_key(SECRET),)
BODY = b'{"id":"evt_1","type":"message.delivered","data":{"text":"\xc3\xa4"}}'

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Serve = Callable[..., Awaitable[str]]


async def post(
    sink: HttpPoster, url: str, *, event: str = "evt_1", lane: str = "whk_1", body: bytes = BODY
) -> Answer:
    answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    sink.send(Outgoing(lane, url, event, body, KEYS), answered.set_result)
    assert not answered.done(), "never from inside send"
    return await answered


def make_sink(**settings: object) -> HttpPoster:
    deadlines = Deadlines(connect=2, answer=0.6, idle=5, sweep=0.05)
    defaults: dict[str, object] = {"allow_private": True, "deadlines": deadlines}
    return HttpPoster(LoopNetwork(), SystemClock(), **(defaults | settings))  # type: ignore[arg-type]


@pytest.fixture
async def sink() -> AsyncIterator[HttpPoster]:
    made = make_sink()
    yield made
    await made.close()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """A function that starts a server whose connections run a script, and gives its URL."""
    servers: list[asyncio.Server] = []
    tasks: set[asyncio.Task[None]] = set()

    async def start(script: Script, tls: ssl.SSLContext | None = None) -> str:
        async def run(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            try:
                await script(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass
            finally:
                tasks.discard(task)
                writer.close()

        server = await asyncio.start_server(run, "127.0.0.1", 0, ssl=tls)
        servers.append(server)
        return f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"

    yield start
    for task in list(tasks):
        task.cancel()
    for server in servers:
        server.close()
    await asyncio.sleep(0)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return head + await reader.readexactly(length)


def without_raw(answer: Answer) -> Answer:
    """What an answer means, without its octets."""
    return msgspec.structs.replace(answer, raw=None)


def answering(*parts: bytes, pause: float = 0.0, requests: int = 1) -> Script:
    """Answers each request with these bytes, then closes."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(requests):
            await read_request(reader)
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)

    return script


async def test_a_post_is_complete_signed_and_keeps_its_connection(
    sink: HttpPoster, receiver: Receiver
) -> None:
    for number in range(3):
        answer = await post(sink, f"{receiver.url}/a/b?c=d", event=f"evt_{number}")
        assert (answer.status, answer.error) == (204, None)
    for number, request in enumerate(receiver.requests):
        assert (request.method, request.path, request.body) == ("POST", "/a/b", BODY)
        assert request.headers["host"] == receiver.url.removeprefix("http://")
        assert request.headers["content-type"] == "application/json"
        assert request.headers["user-agent"].startswith("onesixty/")
        assert request.id == f"evt_{number}"
        Webhook(SECRET).verify(request.body, request.headers)


async def test_one_connection_serves_many_requests_one_at_a_time(sink: HttpPoster, serve: Serve) -> None:
    connections = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        while True:
            await read_request(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    url = await serve(script)
    for _ in range(20):
        assert (await post(sink, url)).delivered
    assert len(connections) == 1
    await asyncio.gather(*(post(sink, url) for _ in range(5)))
    assert len(connections) == 5
    await post(sink, url, lane="whk_2")
    assert len(connections) == 6, "lanes share no connection"


async def test_every_connection_has_tcp_nodelay(serve: Serve) -> None:
    seen = []

    class Watching(LoopNetwork):
        async def connect(self, *args: object, **named: object):  # type: ignore[no-untyped-def, override]
            transport, protocol = await super().connect(*args, **named)  # type: ignore[arg-type]
            seen.append(transport.get_extra_info("socket").getsockopt(6, 1))
            return transport, protocol

    sink = HttpPoster(Watching(), SystemClock(), allow_private=True)
    url = await serve(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    assert (await post(sink, url)).delivered
    await sink.close()
    assert seen == [1]


@pytest.mark.parametrize("turns", [0, 1, 2])
async def test_a_close_ends_what_has_hardly_begun(serve: Serve, turns: int) -> None:
    """Every send ends once, also one whose connecting was never begun."""
    sink = make_sink()
    url = await serve(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    answers: list[Answer] = []
    sink.send(Outgoing("whk_1", url, "evt_1", BODY, KEYS), answers.append)
    for _ in range(turns):
        await asyncio.sleep(0)
    await sink.close()
    assert answers == [Answer(None, "shutting down")]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", Answer(200)),
        (b"HTTP/1.1 200 \r\n\r\nuntil the end", Answer(200)),
        (b"HTTP/1.0 200 OK\r\n\r\n", Answer(200)),
        (b"HTTP/1.1 204 No Content\r\n\r\n", Answer(204)),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", Answer(200)),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", Answer(201)),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Answer(200)),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", Answer(302)),
        (b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", Answer(410)),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", Answer(500)),
        (b"HTTP/1.1 429 Slow\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n", Answer(429, None, 120.0)),
        (b"HTTP/1.1 503 X\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n", Answer(503)),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this", Answer(None, "connection closed")),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", Answer(None, "connection closed")),
        (b"HTTP/1.1 200 OK\r\nContent-Le", Answer(None, "connection closed")),
        (b"", Answer(None, "connection closed")),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Answer(None, "not HTTP")),
        (b"\x00\x00\x00\x10\x80\x00\x00\x00", Answer(None, "not HTTP")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 Unasked\r\n\r\n", Answer(200)),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", Answer(None, "not HTTP")),
    ],
)  # fmt: skip
async def test_answers_of_every_kind(sink: HttpPoster, serve: Serve, answer: bytes, expected: Answer) -> None:
    url = await serve(answering(answer))
    assert without_raw(await post(sink, url)) == expected
    whole = [bytes([byte]) for byte in answer]
    url = await serve(answering(*whole))
    again = without_raw(await post(sink, url))
    assert again == expected, "the same, byte by byte"


async def test_a_retry_after_that_is_a_date(sink: HttpPoster, serve: Serve) -> None:
    when = formatdate(time.time() + 90, usegmt=True)
    url = await serve(
        answering(f"HTTP/1.1 503 X\r\nRetry-After: {when}\r\nContent-Length: 0\r\n\r\n".encode())
    )
    answer = await post(sink, url)
    assert answer.retry_after is not None
    assert 85 < answer.retry_after <= 90


async def test_a_huge_answer_is_cut_off_and_its_status_counts(sink: HttpPoster, serve: Serve) -> None:
    written = 0

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        while written < 100_000_000:
            writer.write(b"x" * 65536)
            await writer.drain()
            written += 65536

    url = await serve(script)
    assert without_raw(await post(sink, url)) == Answer(200)
    assert written < 20_000_000


async def test_an_endless_head_is_cut_off(sink: HttpPoster, serve: Serve) -> None:
    url = await serve(answering(b"HTTP/1.1 200 OK\r\n", *[b"X: " + b"y" * 4000 + b"\r\n"] * 100))
    answer = await post(sink, url)
    assert answer.status is None
    assert answer.error in {"answer too large", "not HTTP"}


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


@pytest.mark.parametrize(
    "script", [silent, answering(*[b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 100], pause=0.1)]
)
async def test_a_silent_or_dripping_receiver_meets_the_deadline(
    sink: HttpPoster, serve: Serve, script: Script
) -> None:
    url = await serve(script)
    began = time.monotonic()
    assert await post(sink, url) == Answer(None, "timeout")
    assert 0.5 < time.monotonic() - began < 3


async def test_a_connection_closed_while_idle_is_no_failure(sink: HttpPoster, serve: Serve) -> None:
    """A request that met a kept connection just as its peer closed it goes out again, once."""
    requests = 0

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        await read_request(reader)
        requests += 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await read_request(reader)  # the next one is read and dropped

    url = await serve(script)
    for _ in range(3):
        assert without_raw(await post(sink, url)) == Answer(200)
    assert requests == 3


async def test_connection_close_is_honoured(sink: HttpPoster, serve: Serve) -> None:
    url = await serve(answering(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"))
    for _ in range(3):
        assert without_raw(await post(sink, url)) == Answer(200)


async def test_nobody_listens(sink: HttpPoster, free_port: Callable[[], int]) -> None:
    assert await post(sink, f"http://127.0.0.1:{free_port()}/") == Answer(None, "connection refused")


async def test_idle_connections_are_closed(serve: Serve) -> None:
    closed = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await reader.read()
        closed.set()

    sink = make_sink(deadlines=Deadlines(idle=0.1, sweep=0.02))
    await post(sink, await serve(script))
    await asyncio.wait_for(closed.wait(), 5)
    assert sink._idle == {}
    assert sink._open == set()
    await sink.close()


async def test_closing_ends_what_is_under_way(serve: Serve) -> None:
    sink = make_sink(deadlines=Deadlines())
    url = await serve(silent)
    under_way = asyncio.ensure_future(post(sink, url))
    await wait_until_async(lambda: sink._busy, what="the request on its way")
    await sink.close()
    assert await under_way == Answer(None, "shutting down")


# ---------------------------------------------------------------- addresses


def looking_up(*addresses: str) -> Callable[[str, int], Awaitable[list[str]]]:
    async def look_up(_host: str, _port: int) -> list[str]:
        return list(addresses)

    return look_up


@pytest.mark.parametrize(
    "addresses",
    [("127.0.0.1",), ("10.1.2.3",), ("8.8.8.8", "169.254.169.254"), ("::1",), ("64:ff9b::7f00:1",)],
)
async def test_a_name_that_leads_inside_is_not_connected_to(addresses: tuple[str, ...]) -> None:
    """The decision is made on the addresses, whatever the name; one of them inside is enough."""
    sink = make_sink(allow_private=False, look_up=looking_up(*addresses))
    answer = await post(sink, "http://harmless.example/")
    assert answer.status is None
    assert answer.error is not None
    assert answer.error.startswith("address not allowed: ")
    await sink.close()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"]
)
async def test_the_real_resolver_and_every_spelling_of_loopback(host: str, receiver: Receiver) -> None:
    """Also what slipped through intake (an older row, another setting) is stopped when it connects."""
    sink = make_sink(allow_private=False)
    answer = await post(sink, f"http://{host}:{receiver.port}/")
    assert answer.error is not None
    assert answer.error.startswith("address not allowed: ")
    assert receiver.requests == []
    await sink.close()


async def test_the_connection_goes_to_the_checked_address_under_the_name_of_the_url(
    receiver: Receiver,
) -> None:
    asked = []

    async def look_up(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["127.0.0.1"]

    sink = make_sink(look_up=look_up)
    for _ in range(3):
        assert (await post(sink, f"http://hooks.example:{receiver.port}/")).delivered
    assert asked == [("hooks.example", receiver.port)], "one look-up, and none behind it"
    assert receiver.requests[0].headers["host"] == f"hooks.example:{receiver.port}"
    await sink.close()


async def test_the_next_address_is_tried_when_one_does_not_answer(receiver: Receiver) -> None:
    sink = make_sink(look_up=looking_up("127.0.0.2", "127.0.0.1"))
    assert (await post(sink, f"http://hooks.example:{receiver.port}/")).delivered
    await sink.close()


async def test_a_slow_name_takes_one_look_up_and_delays_no_other(receiver: Receiver) -> None:
    """One receiver's trouble never delays another's, down to its name server."""
    asked = []

    async def look_up(host: str, _port: int) -> list[str]:
        asked.append(host)
        if host == "slow.example":
            await asyncio.sleep(60)
        return ["127.0.0.1"]

    sink = make_sink(look_up=look_up, deadlines=Deadlines(connect=0.2))
    slow = [asyncio.ensure_future(post(sink, "http://slow.example/")) for _ in range(5)]
    assert (await post(sink, f"http://quick.example:{receiver.port}/")).delivered
    assert {answer.error for answer in await asyncio.gather(*slow)} == {"connect timeout"}
    assert (await post(sink, "http://slow.example/")).error == "connect timeout"
    assert asked.count("slow.example") == 1
    await sink.close()


async def test_names_that_lead_nowhere() -> None:
    async def hanging(_host: str, _port: int) -> list[str]:
        await asyncio.sleep(60)
        return []

    sink = make_sink(look_up=looking_up())
    assert (await post(sink, "http://hooks.example/")).error == "cannot connect"
    await sink.close()
    sink = make_sink(look_up=hanging, deadlines=Deadlines(connect=0.1))
    assert (await post(sink, "http://hooks.example/")).error == "connect timeout"
    await sink.close()
    sink = make_sink()
    assert (await post(sink, "http://hooks.invalid/")).error in {"name not found", "connect timeout"}
    await sink.close()


# ---------------------------------------------------------------- TLS


async def speaking_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await reader.read(100)


def server_context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


async def test_tls_is_verified_against_the_name_of_the_url(serve: Serve) -> None:
    authority = trustme.CA()
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    ok = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    good = await serve(ok, server_context(authority, "hooks.example"))
    other_name = await serve(ok, server_context(authority, "other.example"))
    other_authority = await serve(ok, server_context(trustme.CA(), "hooks.example"))
    plain = await serve(speaking_first)
    sink = make_sink(tls=trusting, look_up=looking_up("127.0.0.1"))

    async def reach(url: str, host: str = "hooks.example") -> Answer:
        return await post(sink, url.replace("127.0.0.1", host).replace("http:", "https:"))

    assert without_raw(await reach(good)) == Answer(200)
    assert without_raw(await reach(good, "hooks.example.")) == Answer(200), (
        "a full name's dot is not in its certificate"
    )
    for bad in (other_name, other_authority):
        answer = await reach(bad)
        assert answer.error is not None
        assert answer.error.startswith("certificate not valid")
    assert (await reach(plain)).error in {"TLS failed", "cannot connect"}
    await sink.close()
    sink = make_sink(look_up=looking_up("127.0.0.1"))
    assert ((await reach(good)).error or "").startswith("certificate not valid"), (
        "the system does not know it"
    )
    await sink.close()
