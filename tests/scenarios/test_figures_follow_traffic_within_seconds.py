"""The figures have every change within five seconds, survive a kill, and a rebuild gives the same."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from tests.scenarios.conftest import Node, StartNode
from tests.support.api import Api
from tests.support.databases import leases_run_out
from tests.support.far_end import FarEnd
from tests.support.waiting import wait_until_async
from tests.support.zones import by_day

#: Seconds in which a change is in the figures; the machine may be busy.
SOON = 5.0


async def _figures(api: Api, query: str = "") -> list[Any]:
    return list((await api.ask("GET", f"/v1/reports/messages?{query}"))["data"])


async def _until_delivered(node: Node, count: int, seconds: float = SOON + 10) -> None:
    async def there() -> bool:
        rows = await _figures(node.api)
        return bool(rows) and rows[0]["statuses"] == {"delivered": count}

    await wait_until_async(there, seconds, f"{count} delivered messages in the figures")


async def test_figures_follow_traffic_within_seconds(
    engine_url: str, start_node: StartNode, far_end: FarEnd
) -> None:
    node = await start_node([far_end.table("acme")], database_url=engine_url)
    for number in range(6):
        await node.api.accepted(f"+4917000000{number:02}", "Hello", tags=["first"])
    began = time.monotonic()
    await _until_delivered(node, 6)
    assert time.monotonic() - began < SOON + 5

    zone = by_day("Asia/Kolkata", "Pacific/Marquesas")
    report = await node.api.ask(
        "GET", f"/v1/reports/messages?step=day&by=carrier,country&zone={zone}&below=true&times=true"
    )
    assert report["complete"]
    (row,) = report["data"]
    assert (row["messages"], row["segments"], row["country"], row["carrier"]) == (6, 6, "DE", "acme")
    assert row["price"]
    assert row["delivery_seconds"]["p99"] < 60
    assert row["sending_seconds"]["p50"] <= row["delivery_seconds"]["p50"]
    assert row["carrier_seconds"]["p50"] <= row["delivery_seconds"]["p50"]
    assert row["end"].endswith({"Asia/Kolkata": "+05:30", "Pacific/Marquesas": "-09:30"}[zone])
    assert [one["tag"] for one in await _figures(node.api, "by=tag")] == ["first"]
    assert (await node.api.call("GET", "/v1/reports/messages?by=tag,carrier")).code == "report_not_kept"
    assert (await node.api.call("GET", "/v1/reports/messages?zone=Mars/Olympus")).code == "invalid_parameter"

    await asyncio.to_thread(node.product.kill)
    await leases_run_out(engine_url)
    await node.start()
    await node.api.accepted("+491700000077", "after the kill")
    await _until_delivered(node, 7, 40)
    assert (await node.api.call("POST", "/v1/reports/rebuild")).status == 202

    async def complete() -> bool:
        return bool((await node.api.ask("GET", "/v1/reports/messages"))["complete"])

    await wait_until_async(complete, 20, "the end of the rebuild")
    await _until_delivered(node, 7)
    assert (await node.api.ask("GET", "/v1/reports/pending"))["data"] == []
