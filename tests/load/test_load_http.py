"""The HTTP generator against servers that behave and servers that do not."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from benchmarks.receiver import FastReceiver
from onesixty.load.bounds import Bounds, LoadError
from onesixty.load.http import HttpLoad, Target, v1_target
from onesixty.load.pace import Pace
from onesixty.load.report import Report
from tests.support.waiting import free_port, wait_until_async

OK = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}"


def target(port: int) -> Target:
    return v1_target(f"http://127.0.0.1:{port}", "KEY", sender="YourBrand", text="Hello")


class Server(asyncio.Protocol):
    """Answers each read with what `answer` makes of its number: bytes in pieces, or None to hang up."""

    def __init__(
        self, answer: Callable[[int], list[bytes] | None], seen: list[bytes], open_: set["Server"]
    ) -> None:
        self.answer = answer
        self.seen = seen
        self.open = open_

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.open.discard(self)

    def data_received(self, data: bytes) -> None:
        self.seen.append(data)
        pieces = self.answer(len(self.seen))
        if pieces is None:
            self.transport.abort()
            return
        loop = asyncio.get_running_loop()
        for number, piece in enumerate(pieces):
            loop.call_later(number * 0.002, self.transport.write, piece)


@asynccontextmanager
async def serving(answer: Callable[[int], list[bytes] | None]) -> AsyncIterator[tuple[int, list[bytes]]]:
    seen: list[bytes] = []
    open_: set[Server] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Server(answer, seen, open_), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], seen
    await wait_until_async(lambda: not open_, what="the load's connections closed")


async def test_each_request_is_sent_once_to_a_recipient_of_its_own() -> None:
    async with serving(lambda _: [OK]) as (port, seen):
        report = await HttpLoad(target(port), Bounds(200, 10), connections=7, first=1000).run()
    assert (report.sent, report.accepted, report.answers, report.errors) == (200, 200, {"202": 200}, {})
    numbers = {request[request.index(b"+1555") :][:12] for request in seen}
    assert numbers == {f"+1555{number:07d}".encode() for number in range(1000, 1200)}
    assert 0 < report.p50 <= report.p90 <= report.p99 <= report.maximum


async def test_a_receiver_and_a_client_agree() -> None:
    receiver = FastReceiver()
    port = await receiver.start("127.0.0.1", 0)
    report = await HttpLoad(target(port), Bounds(500, 10), connections=5).run()
    await receiver.close()
    assert report.accepted == receiver.counts.requests == 500
    assert report.rate > 0


async def test_answers_that_come_in_pieces() -> None:
    pieces = [OK[:5], OK[5:30], OK[30:-1], OK[-1:]]
    async with serving(lambda _: pieces) as (port, _):
        report = await HttpLoad(target(port), Bounds(20, 10), connections=4).run()
    assert (report.accepted, report.errors) == (20, {})


async def test_refusals_are_counted_by_their_status() -> None:
    refused = b"HTTP/1.1 422 Unprocessable\r\ncontent-length: 0\r\n\r\n"
    async with serving(lambda number: [refused if number % 2 else OK]) as (port, _):
        report = await HttpLoad(target(port), Bounds(20, 10), connections=1).run()
    assert report.answers == {"422": 10, "202": 10}
    assert (report.sent, report.accepted) == (20, 10)
    assert any("10 x 422" in line for line in report.lines())


async def test_a_server_that_closes_after_each_answer_is_connected_to_again() -> None:
    closing = b"HTTP/1.1 202 Accepted\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    async with serving(lambda _: [closing]) as (port, _):
        report = await HttpLoad(target(port), Bounds(6, 10), connections=2).run()
    assert (report.accepted, report.errors) == (6, {})


async def test_a_lost_connection_is_an_error_and_nothing_is_sent_again() -> None:
    async with serving(lambda number: None if number == 3 else [OK]) as (port, seen):
        report = await HttpLoad(target(port), Bounds(20, 10), connections=2).run()
    assert report.errors == {"connection lost": 1}
    assert (report.sent, report.accepted) == (20, 19)
    assert len({request[request.index(b"+1555") :][:12] for request in seen}) == 20


async def test_a_server_that_always_hangs_up_ends_the_load() -> None:
    async with serving(lambda _: None) as (port, _):
        report = await HttpLoad(target(port), Bounds(1000, 20), connections=2).run()
    assert report.accepted == 0
    assert report.sent == report.errors["connection lost"] == 2 + 2 * 3, (
        "each connection is made anew 3 times"
    )


async def test_an_answer_that_cannot_be_measured_is_an_error() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    async with serving(lambda _: [chunked]) as (port, _):
        report = await HttpLoad(target(port), Bounds(1, 10), connections=1).run()
    assert report.errors == {"an answer without Content-Length": 1}


async def test_a_rate_is_kept() -> None:
    async with serving(lambda _: [OK]) as (port, _):
        report = await HttpLoad(target(port), Bounds(60, 10, 200), connections=10).run()
    assert report.accepted == 60
    assert report.ended - report.started >= 59 / 200


async def test_time_is_a_bound_too() -> None:
    async with serving(lambda _: [OK]) as (port, _):
        report = await HttpLoad(target(port), Bounds(1_000_000, 0.2), connections=2).run()
    assert 0 < report.accepted == report.sent < 1_000_000


async def test_a_target_that_is_not_there() -> None:
    with pytest.raises(LoadError, match="cannot connect"):
        await HttpLoad(target(free_port()), Bounds(1, 1), connections=2).run()


def test_a_report_is_readable_and_complete() -> None:
    report = Report(
        started=1.0, ended=3.0, sent=10, accepted=8, answers={"202": 8}, errors={"connection lost": 2},
        p50=0.001, p90=0.002, p95=0.0025, p99=0.003, maximum=0.004, late_p99=0.0002, receipts=5,
    )  # fmt: skip
    assert report.lines() == [
        "8 of 10 accepted in 2.00 s: 4 a second",
        "answers after p50 1.0 ms, p90 2.0 ms, p99 3.0 ms, at most 4.0 ms",
        "sent after it was due: p99 0.2 ms",
        "5 delivery reports",
        "8 x 202",
        "2 x no answer: connection lost",
    ]
    assert report.as_json()["rate"] == 4


async def test_connections_take_turns_between_nodes() -> None:
    async with serving(lambda _: [OK]) as (one, first), serving(lambda _: [OK]) as (two, second):
        report = await HttpLoad(target(one), Bounds(40, 10), connections=4, more_ports=[two]).run()
    assert report.accepted == 40
    assert len(first) >= 2
    assert len(second) >= 2
    assert len(first) + len(second) == 40


async def test_a_pace_wakes_the_loop_at_its_times_also_after_the_loop_was_late() -> None:
    woken: list[float] = []
    started = time.monotonic()
    pace = Pace(asyncio.get_running_loop(), lambda: woken.append(time.monotonic()), started=started, rate=200)
    await wait_until_async(lambda: len(woken) >= 3, what="three beats")
    time.sleep(0.03)  # noqa: ASYNC251 - the loop stands still on purpose
    await wait_until_async(lambda: len(woken) >= 12, what="what became due meanwhile, and more")
    pace.stop()
    assert all(at >= started + beat * 0.005 for beat, at in enumerate(woken, 1))
