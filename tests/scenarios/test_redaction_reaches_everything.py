"""After redaction, text and number are nowhere: every column of every table is searched."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd
from tests.support.receiver import Receiver
from tests.support.waiting import wait_until_async

TEXT = "Zanzibar sends its secret greetings " * 6
TO = "+15557654321"
TRACES = ("Zanzibar", "greetings", "5557654321")


async def _cells(url: str) -> list[str]:
    """Every value of every row of every table, as text, with its table in front."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(urlsplit(url).path)) as connection:
            tables = [r[0] for r in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return [
                f"{table}: {value!r}"
                for table in tables
                for row in connection.execute(f'SELECT * FROM "{table}"')
                for value in row
            ]
    server = await asyncpg.connect(url)
    try:
        names = await server.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return [
            f"{name}: {value!r}"
            for (name,) in names
            for row in await server.fetch(f'SELECT * FROM "{name}"')
            for value in row
        ]
    finally:
        await server.close()


async def _traces(url: str) -> list[str]:
    return [cell for cell in await _cells(url) if any(trace in cell for trace in TRACES)]


async def test_redaction_reaches_everything(
    engine_url: str, start_node: StartNode, receiver: Receiver
) -> None:
    """Messages, events, idempotency answers, receipts, early and late, matched or repeated."""
    shares = {"receipts_doubled": 1, "receipts_early": 1, "receipt_delay_ms": 100}
    async with FarEnd(**shares) as far_end:
        node = await start_node([far_end.table("acme")], database_url=engine_url)
        await node.hook(receiver)
        receiver.answer(500, times=1, path="/callback")  # one delivery still waits while it is redacted
        id_ = await node.api.accepted(
            TO, TEXT, idempotency_key="greeting", status_callback=f"{receiver.url}/callback"
        )
        early = await node.api.call("POST", f"/v1/messages/{id_}/redact")
        assert early.status == 202 or early.code == "not_terminal"
        await node.api.until(id_, "delivered")
        await receiver.wait_for(2, path="/hook")
        assert await _traces(engine_url), "it was there"

        redacted = await node.api.ask("POST", f"/v1/messages/{id_}/redact")
        assert redacted["text"] is None
        assert redacted["redacted_at"] is not None
        await wait_until_async(
            lambda: far_end.counters["acknowledged"] >= 2 * redacted["segments"], what="the late receipts"
        )
        # Late receipts, retried deliveries and a repeated request must not bring it back.
        again = await node.api.send(
            TO, TEXT, idempotency_key="greeting", status_callback=f"{receiver.url}/callback"
        )
        assert again.status == 404
        posts = await receiver.wait_for(3, timeout=20, path="/callback")
        assert "Zanzibar" not in posts[-1].body.decode(), "what was sent afterwards is redacted"
        await node.stop()
        assert await _traces(engine_url) == []
        assert not any(trace in node.product.log for trace in TRACES)
        await node.audit()


async def test_the_file_forgets_too(start_node: StartNode, far_end: FarEnd) -> None:
    """Not only the rows: no page of a SQLite file that was given back still holds what was in it."""
    node = await start_node([far_end.table("acme")])
    ids = [await node.api.accepted(TO, TEXT) for _ in range(20)]
    await node.api.ended(ids)
    for id_ in ids:
        await node.api.ask("POST", f"/v1/messages/{id_}/redact")
    await node.stop()
    directory = Path(str(node.product.settings["data_dir"]))
    content = await asyncio.to_thread(lambda: [path.read_bytes() for path in directory.rglob("*.db*")])
    assert content
    assert not any(trace.encode() in octets for octets in content for trace in TRACES)
