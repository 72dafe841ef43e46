"""A list of 100,000 rows is saved as a file: in bounded memory, compressed or not, and whole although the server was
killed in the middle."""

from __future__ import annotations

import asyncio
import csv
import gzip
import hashlib
import io
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psutil
import pytest

from onesixty.core import ids
from tests.scenarios.conftest import Node, StartNode
from tests.support.databases import leases_run_out, run_sql
from tests.support.waiting import wait_until_async

ROWS = 100_000
CHUNK = 5_000
#: What the process may grow by while it writes. All rows as objects take 150 MB, the file 25.
MOST_GROWTH = 40_000_000
PATH = "/v1/refusals/export?format=csv"


async def _fill(node: Node, url: str) -> None:
    """Refusals of the operator's account, one a millisecond, the last of them now."""
    account_id = (await node.api.ask("GET", "/v1/account"))["id"]
    now = int(time.time() * 1000)
    for start in range(0, ROWS, CHUNK):
        rows = ",".join(
            f"('{ids.lowest_at(ids.REFUSAL, now - ROWS + place)}', '{account_id}', 0, 'v1', 'POST /v1/sms/send', "
            f"'req_{place}', 'key:k', '422', 'invalid_recipient', 'to', 'recipient', '=the number, \n\"{place}\"', "
            f"'Shop', '+1555{place:07}', 1)"
            for place in range(start, start + CHUNK)
        )
        await run_sql(
            url,
            "INSERT INTO refusals (id, account_id, test, door, operation, request_id, caller, answer, code, param, "
            f"rule, detail, sender, recipient, count) VALUES {rows}",
        )


@asynccontextmanager
async def _stream(node: Node, path: str, **headers: str) -> AsyncIterator[aiohttp.ClientResponse]:
    sent = {"Authorization": f"Bearer {node.api.key}", "Accept-Encoding": "identity"} | headers
    timeout = aiohttp.ClientTimeout(total=120)
    async with (
        aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as session,
        session.get(node.api.url + path, headers=sent) as answer,
    ):
        assert answer.status == 200
        yield answer


def _last_whole(part: bytes) -> tuple[bytes, str]:
    """What is whole of a file that was cut off, and the id of its last row. A row may have line breaks."""
    ends = part.rindex(b"\r\n") + 2
    rows = list(csv.reader(io.StringIO(part[:ends].decode(), newline="")))
    return part[:ends], rows[-1][0]


@pytest.mark.deadline(240)
async def test_a_list_of_any_length_is_saved_as_a_file(
    engine_url: str, start_node: StartNode, tmp_path: Path
) -> None:
    node = await start_node(database_url=engine_url, refusals_kept=2 * ROWS)
    await _fill(node, engine_url)
    process = psutil.Process(node.product.pid)
    async with _stream(node, f"{PATH}&request_id=req_7") as answer:
        assert (await answer.read()).count(b"\r\n") == 2
    before, most = process.memory_info().rss, 0

    # Each row once, newest first, while the memory stays as it was.
    whole = bytearray()
    async with _stream(node, PATH) as answer:
        assert (answer.headers["cache-control"], answer.headers["vary"]) == ("no-store", "accept-encoding")
        async for chunk in answer.content.iter_chunked(1 << 18):
            whole += chunk
            most = max(most, process.memory_info().rss)
    assert most - before < MOST_GROWTH
    rows = list(csv.DictReader(io.StringIO(whole.decode(), newline="")))
    assert [row["request_id"] for row in rows] == [f"req_{place}" for place in reversed(range(ROWS))]
    assert rows[0]["detail"] == f'\'=the number, \n"{ROWS - 1}"'
    assert rows[0]["to"] == f"+1555{ROWS - 1:07}"
    digest = hashlib.sha256(whole).digest()

    # The same, compressed.
    async with _stream(node, PATH, **{"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        packed = await answer.read()
    assert len(packed) * 5 < len(whole)
    assert hashlib.sha256(gzip.decompress(packed)).digest() == digest

    # Who has the first part asks for the rest.
    async with _stream(node, PATH) as answer:
        part, last = _last_whole(await answer.content.readexactly(len(whole) // 3))
    async with _stream(node, f"{PATH}&after={last}") as answer:
        rest = await answer.read()
    assert part + rest == whole

    # A stream that a kill ended does not look whole, and the command goes on where it was.
    output = tmp_path / "refusals.csv"
    how = ("--url", node.product.url, "--key", node.product.admin_key, "--output", str(output))
    cut, killed = bytearray(), asyncio.Event()

    async def watched() -> None:
        async with _stream(node, PATH) as answer:
            async for chunk in answer.content.iter_chunked(1 << 16):
                cut.extend(chunk)
                await killed.wait()  # what is not taken yet is not sent yet

    running = asyncio.create_task(
        asyncio.to_thread(node.product.command, "refusal", "export", *how, timeout=120.0)
    )
    watching = asyncio.create_task(watched())
    await wait_until_async(lambda: bool(cut) and output.exists() and output.stat().st_size > 0, 60)
    await asyncio.to_thread(node.product.kill)
    killed.set()
    with pytest.raises(aiohttp.ClientError):
        await watching
    assert whole.startswith(cut)
    assert output.stat().st_size < len(whole), "the kill came in the middle"
    await leases_run_out(engine_url)
    await node.start()
    done = await running
    assert done.returncode == 0, done.stderr
    assert hashlib.sha256(output.read_bytes()).digest() == digest
    exported = (await node.api.ask("GET", "/v1/audit?action=exported&object=refusals&limit=200"))["data"]
    assert len(exported) == 8
    assert sum("after" in entry["details"] for entry in exported) == 2
    await node.stop()
