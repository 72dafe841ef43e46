"""A backup is taken while traffic runs; the machine is lost; the backup is restored and goes on."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.conftest import Node, StartNode
from tests.support.far_end import FarEnd
from tests.support.receiver import Receiver
from tests.support.waiting import wait_until_async

SENT = 30
WAITING = 12


async def command(node: Node, *arguments: str) -> Any:
    """What a command prints as JSON."""
    done = await asyncio.to_thread(node.product.command, *arguments, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.mark.deadline(120)  # five starts of a process, which a loaded machine takes its time for
async def test_what_the_carrier_had_got_is_not_sent_again(
    tmp_path: Path, start_node: StartNode, far_end: FarEnd, receiver: Receiver
) -> None:
    """Sent before the backup: as it was. Waiting then and sent later: held, and released by an operator alone."""
    node = await start_node([far_end.table("acme")])
    api, product = node.api, node.product
    await node.hook(receiver)
    sent = [await api.accepted(f"+1555300{n:04}") for n in range(SENT)]
    await api.ended(sent)
    await far_end.smsc.stop(0)
    soon = (datetime.now(UTC) + timedelta(seconds=4)).isoformat()
    later = (datetime.now(UTC) + timedelta(hours=6)).isoformat()
    waiting = [await api.accepted(f"+1555310{n:04}", "Long " * (40 * (n % 2) + 1)) for n in range(WAITING)]
    otp = await api.accepted("+15553200001", class_="otp")
    due = await api.accepted("+15553200002", scheduled_at=soon)
    scheduled = await api.accepted("+15553200003", scheduled_at=later)

    stop = asyncio.Event()

    async def keep_sending() -> int:
        count = 0
        while not stop.is_set():
            await api.accepted(f"+1555390{count:04}")
            count += 1
        return count

    traffic = asyncio.create_task(keep_sending())
    backup = tmp_path / "backup"
    manifest = await command(node, "backup", str(backup))
    stop.set()
    assert await traffic > 0
    assert manifest["settings"] is None
    assert {path.stat().st_mode & 0o077 for path in [backup, *backup.iterdir()]} == {0}

    await far_end.smsc.restart()
    await api.ended([*waiting, otp, due], timeout=30)
    lost = await api.accepted("+15553400001")
    await api.ended([lost])
    got = far_end.copies()
    assert set(got.values()) == {1}
    await asyncio.to_thread(product.kill)

    restored = await command(node, "restore", str(backup), "--replace")
    await node.start()
    held = {m["id"]: m for m in await api.messages() if m["status"] == "held"}
    assert held.keys() >= {*waiting, otp, due}
    assert len(held) == restored["messages_held"]
    assert {m["error"]["code"] for m in held.values()} == {"outcome_unknown"}
    assert {(await api.message(id_))["status"] for id_ in sent} == {"delivered"}
    assert [e["type"] for e in await api.events(due)][-1] == "message.held"
    assert (await api.message(scheduled))["status"] == "scheduled"
    assert (await api.call("GET", f"/v1/messages/{lost}")).status == 404
    new = await api.accepted("+15553500001")
    await api.ended([new])
    assert far_end.copies() == got + Counter([("+15553500001", 1)])

    job = await api.ask("POST", "/v1/messages/requeue", {"filter": {"status": "held", "to": "+15553100001"}})
    assert job["id"]
    released = await api.until(waiting[1], "delivered")
    assert released["duplicates"] == 1
    assert (await api.message(waiting[0]))["status"] == "held"

    def told() -> bool:
        posts = (post.json for post in receiver.requests)
        return {p["data"]["id"] for p in posts if p["type"] == "message.held"} >= set(waiting)

    await wait_until_async(told, 10, "the webhooks about what is held")
    await node.stop()
    await node.audit()
    kept = Path(restored["kept"])
    assert (kept / "onesixty.db").exists()
