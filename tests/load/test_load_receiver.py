"""The fast webhook receiver: counts events once, however its requests are cut."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from benchmarks.receiver import FastReceiver

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[FastReceiver, int]]:
    receiver = FastReceiver()
    port = await receiver.start("127.0.0.1", 0)
    yield receiver, port
    await receiver.close()


async def ask(port: int, *pieces: bytes, answers: int = 1) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(0)
    data = await asyncio.wait_for(reader.readexactly(len(ANSWER) * answers), 5)
    writer.close()
    await writer.wait_closed()
    return data


def post(event: str, body: bytes = b"{}") -> bytes:
    head = f"POST /hook HTTP/1.1\r\nHost: x\r\nWebhook-Id: {event}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def test_events_count_once_however_often_they_come(receiver: tuple[FastReceiver, int]) -> None:
    fast, port = receiver
    sent = post("evt_1") + post("evt_2", b"x" * 5000) + post("evt_1")
    assert await ask(port, sent, answers=3) == ANSWER * 3
    assert fast.counts.as_json() == {"requests": 3, "distinct": 2}


async def test_who_looks_sees_each_request_with_its_body() -> None:
    seen: list[tuple[bytes, bytes]] = []
    fast = FastReceiver(look=lambda head, body: seen.append((head.split(b"\r\n")[0], body)))
    port = await fast.start("127.0.0.1", 0)
    await ask(port, post("evt_1", b"one") + post("evt_2", b"two")[:-1], b"o", answers=2)
    await fast.close()
    assert seen == [(b"POST /hook HTTP/1.1", b"one"), (b"POST /hook HTTP/1.1", b"two")]


async def test_a_request_may_be_cut_anywhere(receiver: tuple[FastReceiver, int]) -> None:
    request = post("evt_1", b"0123456789")
    assert await ask(receiver[1], *[request[n : n + 7] for n in range(0, len(request), 7)]) == ANSWER


async def test_reports_without_an_id_are_told_apart_by_their_target(
    receiver: tuple[FastReceiver, int],
) -> None:
    fast, port = receiver
    requests = [f"GET /report?status={n % 2} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for n in range(4)]
    await ask(port, b"".join(requests), answers=4)
    assert (fast.counts.requests, len(fast.counts.events)) == (4, 2)


@pytest.mark.parametrize(
    "request_",
    [
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nX: " + b"x" * 70_000,
    ],
)
async def test_what_it_does_not_take_is_refused(receiver: tuple[FastReceiver, int], request_: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", receiver[1])
    writer.write(request_)
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n"), 5)
    assert b" 400 " in answer
    writer.close()
    assert receiver[0].counts.requests == 0
