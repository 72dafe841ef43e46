"""A thousand customers bind at once over SMPP and are all served; a thousand more who send rubbish change nothing.

The rude ones come from an address of their own, as others do: locks count by address.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from onesixty.smpp import constants as c
from tests.doors.smpp.esme import Esme
from tests.scenarios.conftest import StartNode

CUSTOMERS = 1000
CREDENTIALS = 20
RUDE = 1000
RUDE_ADDRESS = "127.0.0.2"
PATIENCE = 100.0


def guess(chance: random.Random) -> bytes:
    body = f"customer{chance.randrange(CREDENTIALS)}\0guess\0\0".encode() + b"\x34\0\0\0"
    return (16 + len(body)).to_bytes(4, "big") + b"\x00\x00\x00\x09" + bytes(7) + b"\x01" + body


#: What the rude ones send, in turns.
RUBBISH: dict[str, Callable[[random.Random], bytes]] = {
    "random octets": lambda chance: chance.randbytes(2000),
    "an HTTP request": lambda _: b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a length beyond reason": lambda _: b"\x7f\xff\xff\xff\x00\x00\x00\x04" + bytes(8),
    "a length of nothing": lambda _: bytes(64),
    "a command that is none": lambda _: b"\x00\x00\x00\x10\x00\x00\x0f\x00" + bytes(7) + b"\x01",
    "a submit_sm before any bind": lambda _: b"\x00\x00\x00\x20\x00\x00\x00\x04" + bytes(24),
    "half a header, then silence": lambda _: b"\x00\x00\x00",
    "a bind with a guess": guess,
}


async def rude(number: int, port: int, sent: Counter[str]) -> None:
    """Send one kind of rubbish until hung up on; then stay connected for as long as one may."""
    chance = random.Random(number)
    kind = list(RUBBISH)[number % len(RUBBISH)]
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(RUDE_ADDRESS, 0))
    try:
        for _ in range(50):
            writer.write(RUBBISH[kind](chance))
            sent[kind] += 1
            await writer.drain()
        while await reader.read(65536):
            pass
    except ConnectionError:
        pass
    finally:
        writer.transport.abort()


async def served(number: int, port: int, passwords: list[str], all_bound: asyncio.Barrier) -> list[int]:
    """Bind, wait until everybody is bound, submit, unbind; the statuses."""
    name = number % CREDENTIALS
    async with await Esme.connect(port) as esme:
        bound = await esme.bind(f"customer{name}", passwords[name])
        assert bound == c.ESME_ROK, c.status_name(bound)
        async with asyncio.timeout(PATIENCE):
            await all_bound.wait()
        answer = await esme.submit(f"number {number}".encode(), f"1555{number:07}")
        unbound = await esme.ask(c.UNBIND)
    return [bound, answer.command_status, unbound.command_status]


@pytest.mark.deadline(150)
async def test_a_thousand_customers_are_served_while_a_thousand_send_rubbish(start_node: StartNode) -> None:
    carrier = {"name": "network", "type": "simulator", "latency_ms": 5, "receipt_delay_ms": 50}
    # A bind may take its time here: a slow machine has to get round to two thousand.
    settings = {"smpp_max_connections_per_address": 2500, "smpp_session_init_seconds": 60}
    node = await start_node([carrier], **settings)
    port = node.product.smpp_port
    passwords = []
    for number in range(CREDENTIALS):
        body: dict[str, Any] = {"system_id": f"customer{number}", "test": True, "profile": {"max_binds": 100}}
        passwords.append((await node.api.ask("POST", "/v1/smpp-credentials", body))["password"])
        # Who has bound from an address cannot be locked out there by the guesses of others.
        async with await Esme.connect(port) as esme:
            assert await esme.bind(body["system_id"], passwords[-1]) == c.ESME_ROK

    sent: Counter[str] = Counter()
    crowd = [asyncio.create_task(rude(number, port, sent)) for number in range(RUDE)]
    try:
        all_bound = asyncio.Barrier(CUSTOMERS)
        customers = [served(number, port, passwords, all_bound) for number in range(CUSTOMERS)]
        statuses = Counter(status for found in await asyncio.gather(*customers) for status in found)
    finally:
        for task in crowd:
            task.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
    assert statuses == {c.ESME_ROK: 3 * CUSTOMERS}
    assert set(sent) == set(RUBBISH)
    assert await node.api.metrics("onesixty_smpp_requests_total") >= 2 * CUSTOMERS
    await node.audit()
