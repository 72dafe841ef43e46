"""The log at its most talkative, after everything that could go wrong went wrong."""

import asyncio

import aiohttp
import pytest

from tests.scenarios.conftest import StartNode
from tests.support.api import Api
from tests.support.far_end import FarEnd
from tests.support.receiver import Receiver

TEXT = "Marzipan is what this message is about"
TO = "+15557654321"
PASSWORD = "hush-carrier-pw"
COUNT = 5


@pytest.mark.deadline(180)
async def test_logs_hold_no_text_and_no_secret(start_node: StartNode, receiver: Receiver) -> None:
    """Neither bodies nor numbers, keys, passwords or webhook secrets, and no line for a message at info."""
    async with FarEnd(password=PASSWORD, misbehave=("hangs_up", "doubled_receipts"), every=7) as far_end:
        tables = [
            far_end.table("acme", password=PASSWORD, response_timeout_s=1),
            far_end.table("wrong", password="wrong-" + PASSWORD),
        ]
        node = await start_node(tables, {"default": ["acme", "wrong"]}, log_level="debug")
        secret = await node.hook(receiver)
        receiver.answer(500, times=2)
        made = await node.api.ask("POST", "/v1/keys", {"name": "other", "mode": "live"})
        async with Api(node.product.url, made["secret"]) as other:
            ids = [
                await other.accepted(TO, f"{TEXT} {n}", idempotency_key=f"idem-{n}", sender="+15553334444")
                for n in range(COUNT * 3)
            ]
            await other.send(TO, TEXT, sender="")
            await other.send("not a number, but Marzipan", TEXT)
            await node.api.ended(ids, timeout=120)  # every seventh hangs up: reconnects and pauses add up
        bad = f"POST /v1/sms/send HTTP/1.1\r\nAuthorization: Bearer {made['secret']}\r\n{TEXT}\r\n\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", node.product.http_port)
        writer.write(bad.encode())
        await reader.read()
        writer.close()
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{node.product.url}/v1/carriers?key={secret}"),
        ):
            pass
        shown = await node.api.ask("GET", "/v1/carriers")
        assert PASSWORD not in str(shown)
        await node.stop()
    log = node.product.stderr.read_text()
    assert '"level": "info"' in log
    told = [
        trace
        for trace in (
            "Marzipan",
            "5557654321",
            "5553334444",
            PASSWORD,
            secret,
            made["secret"],
            node.product.admin_key,
        )
        if trace in log
    ]
    assert not told


async def test_the_log_does_not_grow_with_traffic(start_node: StartNode, far_end: FarEnd) -> None:
    """No line for a message or a request at the default level."""
    node = await start_node([far_end.table("acme")])
    before = len(node.product.log.splitlines())
    ids = [await node.api.accepted(f"+1555190{n:04}") for n in range(60)]
    await node.api.ended(ids)
    assert len(node.product.log.splitlines()) - before <= COUNT
