"""A saved report is sent by mail and to a URL: at a due time that passed while the node was down, and when asked."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import time
from datetime import datetime, timedelta
from email import message_from_string, policy
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from standardwebhooks import Webhook

from onesixty.core.clock import SystemClock
from onesixty.store.opening import open_store
from onesixty.store.units import Unit
from tests.scenarios.conftest import Node, StartNode
from tests.support.api import Api
from tests.support.databases import statements
from tests.support.far_end import FarEnd
from tests.support.receiver import Receiver
from tests.support.smtp import SmtpServer
from tests.support.waiting import wait_until_async
from tests.support.zones import by_day

SAVED = "/v1/reports/saved"
BERLIN = "Europe/Berlin"
TODAY = {"last": 0, "unit": "day", "current": True}


async def _runs(node: Node, id_: str, count: int) -> list[Any]:
    async def ended() -> list[Any] | None:
        found = list((await node.api.ask("GET", f"{SAVED}/{id_}/runs"))["data"])
        return found if len(found) == count and all(run["ended_at"] for run in found) else None

    return await wait_until_async(ended, 60, f"{count} runs that ended")


async def _due_meanwhile(url: str, ids: list[str]) -> None:
    """Let the reports have been due while the node was down."""
    store = await open_store(url, statements("onesixty.store", "onesixty.saved_reports"), clock=SystemClock())
    at = int(time.time() * 1000) - 1000
    units = [Unit(keys=(id_,), writes=(("report_due_set", (id_, at, 1)),)) for id_ in ids]
    assert await store.commit(units) == [True] * len(ids)
    await store.close()


async def test_a_saved_report_is_sent_by_mail_and_to_a_url(
    engine_url: str, start_node: StartNode, far_end: FarEnd
) -> None:
    smtp = SmtpServer()
    port = await smtp.start()
    async with Receiver() as receiver:
        node = await start_node(
            [far_end.table("acme")],
            database_url=engine_url,
            mail_server=f"smtp://127.0.0.1:{port}",
            webhook_allow_private=True,
        )
        for number in range(3):
            await node.api.accepted(f"+4917000000{number:02}", "Hello")

        async def counted() -> bool:
            rows = (await node.api.ask("GET", "/v1/reports/messages"))["data"]
            return bool(rows) and rows[0]["statuses"] == {"delivered": 3}

        await wait_until_async(counted, 30, "three delivered messages in the figures")
        zone = by_day("Asia/Kolkata", "Pacific/Marquesas")
        far_off = datetime.now(ZoneInfo(BERLIN)) + timedelta(hours=12)
        body = {
            "name": "By country",
            "query": {"by": "country", "zone": zone},
            "span": TODAY,
            "schedule": {"every": "day", "at": f"{far_off:%H:%M}", "zone": BERLIN},
        }
        mailed = await node.api.ask(
            "POST", SAVED, body | {"recipients": ["team@example.com", "b@example.com"]}
        )
        posted = await node.api.ask("POST", SAVED, body | {"url": f"{receiver.url}/r", "format": "jsonl"})
        assert mailed["next_run_at"] > mailed["created_at"]
        assert (await node.api.ask("GET", f"{SAVED}/{posted['id']}/report"))["data"][0]["messages"] == 3
        noon = datetime(2026, 1, 5, 12, tzinfo=ZoneInfo(zone))
        path = f"{SAVED}/{posted['id']}/report?at={quote(noon.isoformat())}"
        before = await node.api.ask("GET", path)
        midnight = noon.replace(hour=0).isoformat()
        assert (before["start"], before["end"], before["data"]) == (midnight, noon.isoformat(), [])
        secret = (await node.api.ask("GET", "/v1/webhooks/callback-secret"))["secret"]

        await node.api.ask("POST", f"{SAVED}/{mailed['id']}/run")
        ((run,), (first,)) = (await _runs(node, mailed["id"], 1), smtp.mails)
        assert (run["status"], run["manual"], run["rows"]) == ("delivered", True, 1)
        mail = message_from_string(first, policy=policy.default)
        assert (mail["To"], mail["Subject"]) == ("team@example.com, b@example.com", "Report: By country")
        (file,) = list(mail.iter_attachments())
        assert file.get_filename().startswith("By-country-20")
        ((row),) = list(csv.DictReader(io.StringIO(file.get_content())))
        assert (row["country"], row["messages"], row["delivered"]) == ("DE", "3", "3")

        await asyncio.to_thread(node.product.kill)
        await _due_meanwhile(engine_url, [mailed["id"], posted["id"]])
        receiver.answer(503)
        await node.start()
        (request, again) = await receiver.wait_for(2, timeout=90)
        assert (request.id, request.body) == (again.id, again.body)
        Webhook(secret).verify(again.body.decode(), again.headers)
        assert again.headers["content-type"] == "application/x-ndjson"
        assert [json.loads(line)["country"] for line in again.body.splitlines()] == ["DE"]
        (run,) = await _runs(node, posted["id"], 1)
        assert (run["status"], run["manual"], run["attempts"]) == ("delivered", False, 2)
        assert [run["manual"] for run in await _runs(node, mailed["id"], 2)] == [False, True]
        assert len(smtp.mails) == 2
        assert await node.api.metrics('onesixty_report_runs_total{result="delivered"}') == 2

        key = await node.api.ask(
            "POST", "/v1/keys", {"name": "reports", "mode": "live", "scopes": ["reports:read", "webhooks"]}
        )
        async with Api(node.product.url, key["secret"]) as other:
            theirs = await other.ask("PATCH", f"{SAVED}/{posted['id']}", {"name": "By country, daily"})
        assert theirs["runs_as"] == f"key:{key['id']}"
        assert (await node.api.call("DELETE", f"/v1/keys/{key['id']}")).status in (200, 204)
        await node.api.ask("POST", f"{SAVED}/{posted['id']}/run")
        assert (await _runs(node, posted["id"], 2))[0]["status"] == "refused"
        stopped = await node.api.ask("GET", f"{SAVED}/{posted['id']}")
        assert stopped["stopped_reason"].startswith("key_revoked")
        assert stopped["next_run_at"] is None
        assert len(receiver.requests) == 2
        assert (await node.api.call("POST", f"{SAVED}/{posted['id']}/run")).code == "conflict"
        noted = await node.api.ask("GET", "/v1/audit?object=saved_report")
        assert {one["action"] for one in noted["data"]} >= {"made", "changed", "ran"}

        for id_ in (mailed["id"], posted["id"]):
            assert (await node.api.call("DELETE", f"{SAVED}/{id_}")).status == 204
        await node.audit()
    await smtp.stop()
