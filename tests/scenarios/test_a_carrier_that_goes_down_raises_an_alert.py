"""A carrier is lost: the operator's webhook is told, and again when it is back."""

from typing import Any

import pytest

from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd
from tests.support.receiver import Receiver
from tests.support.waiting import wait_until_async


@pytest.mark.deadline(180)
async def test_a_carrier_that_goes_down_raises_an_alert(start_node: StartNode, receiver: Receiver) -> None:
    """The network desk: alerts by rules that ship, to webhooks, acknowledged over the API."""
    far_end = FarEnd()
    await far_end.__aenter__()
    node = await start_node([far_end.table("acme")])
    node.product.allow_log("alert_firing")
    await node.hook(receiver)
    await node.bound("acme")
    quick = await node.api.ask("PATCH", "/v1/alert-rules/carrier_down", {"for_seconds": 0})
    assert (quick["for_seconds"], quick["severity"], quick["threshold"]) == (0, "critical", 1)
    await far_end.__aexit__(None, None, None)

    def told(type_: str) -> list[dict[str, Any]]:
        return [post.json["data"] for post in receiver.requests if post.json["type"] == type_]

    await wait_until_async(lambda: told("alert.firing"), 60, "the alert")
    (alert,) = told("alert.firing")
    assert (alert["rule"], alert["subject"], alert["status"]) == ("carrier_down", "acme", "firing")
    listed = await node.api.ask("GET", "/v1/alerts?status=firing")
    assert [a["id"] for a in listed["data"]] == [alert["id"]]
    seen = await node.api.ask("POST", f"/v1/alerts/{alert['id']}/acknowledge")
    assert seen["acknowledged_at"] is not None
    await node.api.ask("PATCH", "/v1/alert-rules/carrier_down", {"enabled": False})
    await wait_until_async(lambda: told("alert.resolved"), 60, "its end")
    assert (await node.api.ask("GET", "/v1/alerts?status=firing"))["data"] == []
