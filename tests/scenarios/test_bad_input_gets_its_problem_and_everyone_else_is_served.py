"""Garbage from both sides, at the rate that the machine gives: it is answered or dropped, and nobody else waits."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable

import psutil
import pytest

from tests.scenarios.conftest import Node, StartNode
from tests.support.far_end import FarEnd
from tests.support.waiting import wait_until_async

COUNT = 30
SLOWEST = 3.0
PATIENCE = 0.05
MOST_GROWTH = 80 * 2**20
BOUND = b"Host: localhost\r\nAuthorization: Bearer test-admin-key-for-loopback-only\r\n"
SEND = b"POST /v1/sms/send HTTP/1.1\r\n" + BOUND

#: Bytes that are sent to the HTTP port over and over, by what is wrong with them.
GARBAGE: dict[str, Callable[[random.Random], bytes]] = {
    "random bytes": lambda chance: chance.randbytes(2000),
    "an SMPP bind": lambda _: b"\x00\x00\x00\x2f\x00\x00\x00\x09" + b"\x00" * 39,
    "an endless header": lambda _: b"GET / HTTP/1.1\r\nX-A: " + b"a" * 200_000,
    "a thousand headers": lambda _: b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 5000,
    "a body that never ends": lambda _: SEND + b"Content-Length: 900000\r\n\r\n{",
    "a length that is none": lambda _: SEND + b"Content-Length: -5\r\n\r\n{}",
    "a chunk size that is none": lambda _: SEND + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    "JSON without an end": lambda _: (
        SEND + b"Content-Type: application/json\r\nContent-Length: 8\r\n\r\n" + b"[" * 8
    ),
    "bytes that are no UTF-8": lambda chance: (
        SEND + b"Content-Type: application/json\r\nContent-Length: 64\r\n\r\n" + chance.randbytes(64)
    ),
}


@contextlib.asynccontextmanager
async def garbage_on_http(port: int) -> AsyncIterator[Counter[str]]:
    """Four clients that send all of it in turns; the counter says how often each was sent."""
    sent: Counter[str] = Counter()
    stopping = asyncio.Event()

    async def pester(seed: int) -> None:
        chance = random.Random(seed)
        for name in itertools.cycle(GARBAGE):
            if stopping.is_set():  # a cancellation can get lost in a time-out that ends in the same moment
                return
            with contextlib.suppress(OSError, TimeoutError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                try:
                    writer.write(GARBAGE[name](chance))
                    async with asyncio.timeout(PATIENCE):
                        await writer.drain()
                        await reader.read(65536)
                finally:
                    sent[name] += 1
                    writer.transport.abort()

    tasks = [asyncio.create_task(pester(seed)) for seed in range(4)]
    try:
        yield sent
    finally:
        stopping.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _served(node: Node, prefix: str) -> None:
    """Others' messages meanwhile: each answered and delivered in good time."""
    for n in range(COUNT):
        began = time.monotonic()
        id_ = await node.api.accepted(f"+1555{prefix}{n:04}", route="good")
        assert time.monotonic() - began < SLOWEST
        if n == COUNT - 1:
            await node.api.until(id_, "delivered", timeout=SLOWEST)
    assert (await node.api.call("GET", "/readyz")).status == 200


async def test_garbage_over_http_is_dropped_or_answered(start_node: StartNode, far_end: FarEnd) -> None:
    """Promise 8, on the other protocol's port: no crash, no growth, no waiting."""
    node = await start_node([far_end.table("acme")], {"good": ["acme"]})
    before = psutil.Process(node.product.pid).memory_info().rss
    async with garbage_on_http(node.product.http_port) as sent:
        await _served(node, "110")
        await wait_until_async(lambda: len(sent) == len(GARBAGE), what="every kind of garbage")
    assert psutil.Process(node.product.pid).memory_info().rss - before < MOST_GROWTH


async def test_garbage_from_a_carrier_at_line_rate_hurts_only_that_carrier(
    start_node: StartNode, far_end: FarEnd
) -> None:
    """A carrier that answers its bind with noise is dropped and tried again."""
    sent = [0]

    async def blast(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        chance = random.Random(1)
        noise = chance.randbytes(2**16)
        with contextlib.suppress(OSError):
            bind = await reader.read(1024)
            writer.write(b"\x00\x00\x00\x15\x80\x00\x00\x09\x00\x00\x00\x00" + bind[12:16] + b"odd\x00\x00")
            while not writer.is_closing():
                writer.write(noise)
                await writer.drain()
                sent[0] += len(noise)

    server = await asyncio.start_server(blast, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    odd = {"name": "odd", "type": "smpp", "host": "127.0.0.1", "port": port, "system_id": "x"}
    pace = {"reconnect_min_s": 0.01, "reconnect_max_s": 0.02, "refused_min_s": 0.01, "refused_max_s": 0.02}
    node = await start_node([far_end.table("acme"), odd | pace], {"good": ["acme"], "bad": ["odd"]})
    node.product.allow_log("carrier_pdu_tolerated")
    before = psutil.Process(node.product.pid).memory_info().rss
    waiting = await node.api.accepted("+15551209999", route="bad")
    await _served(node, "120")
    await wait_until_async(lambda: sent[0] > 2**20, what="a megabyte of noise")
    assert psutil.Process(node.product.pid).memory_info().rss - before < MOST_GROWTH
    assert (await node.api.message(waiting))["status"] == "queued"
    await node.stop()
    server.close()


@pytest.mark.parametrize(
    "misbehaviour", ["garbage", "short_length", "http_answer", "without_nul", "long_sm_length", "long_tlv"]
)
async def test_a_carrier_that_breaks_the_rules_loses_nothing_of_ours(
    misbehaviour: str, start_node: StartNode
) -> None:
    """What it was given arrives; what may have arrived twice says so."""
    async with FarEnd(misbehave=(misbehaviour,), every=20) as odd:
        node = await start_node([odd.table("odd", response_timeout_s=2)])
        node.product.allow_log("carrier_pdu_tolerated")
        ids = [await node.api.accepted(f"+1555130{n:04}") for n in range(COUNT)]
        ended = await node.api.ended(ids, timeout=40)
        assert {m["status"] for m in ended.values()} == {"delivered"}
        copies = odd.copies()
        assert all(1 <= copies[m["to"], 1] <= 1 + m["duplicates"] for m in ended.values())
        await node.stop()
        await node.audit()


#: A request that is well formed as HTTP, and the code and field that its problem names.
REFUSED = {
    "no recipient": ({"from": "Shop", "text": "x"}, "missing_field", "to"),
    "an unknown field": (
        {"from": "Shop", "to": "+15551234567", "text": "x", "tex": 1},
        "unknown_field",
        "tex",
    ),
    "a wrong kind": ({"from": "Shop", "to": 15551234567, "text": "x"}, "invalid_field", "to"),
    "a number that is none": ({"from": "Shop", "to": "12", "text": "x"}, "invalid_recipient", "to"),
    "an empty text": ({"from": "Shop", "to": "+15551234567", "text": ""}, "text_empty", "text"),
    "a sender that is none": ({"from": "", "to": "+15551234567", "text": "x"}, "invalid_sender", "from"),
    "a NUL": ({"from": "Shop", "to": "+15551234567", "text": "a\0b"}, "invalid_field", "text"),
}


async def test_bad_input_gets_its_problem_and_everyone_else_is_served(
    start_node: StartNode, far_end: FarEnd
) -> None:
    """Promise 8: refused with a code, the field, whether a retry can help, and where to read on."""
    node = await start_node([far_end.table("acme")], {"good": ["acme"]})
    for body, code, param in REFUSED.values():
        reply = await node.api.call("POST", "/v1/sms/send", body)
        assert (reply.status, reply.code, reply.json["param"]) == (422, code, param)
        assert reply.json["retryable"] is False
        assert reply.json["doc_url"].startswith(f"{node.product.url}/docs/errors")
    assert not await node.api.messages()
    assert not far_end.recipients
