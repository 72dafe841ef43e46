"""Another onesixty as a carrier: to the handset and back, its signed calls, and forged ones."""

from typing import Any

from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd
from tests.support.waiting import wait_until_async

TO = "+15551234567"
LONG = "Grüße aus der Ferne. " * 20  # several segments, one request, one receipt


async def test_another_onesixty_is_a_carrier(start_node: StartNode, far_end: FarEnd) -> None:
    """Promise 4 over HTTP: a receipt and a message from a handset are on disk before they are answered."""
    far = await start_node([far_end.table("smsc")], webhook_allow_private=True)
    secret = (await far.api.ask("GET", "/v1/webhooks/callback-secret"))["secret"]
    near = await start_node()
    hook = await far.api.ask(
        "POST",
        "/v1/webhooks",
        {"url": f"{near.product.url}/v1/carriers/far/inbound", "events": ["message.received"]},
    )
    settings = {
        "base_url": far.product.url,
        "api_key": far.product.admin_key,
        "webhook_secret": secret,
        "inbound_secret": hook["secret"],
    }
    made = await near.api.ask(
        "POST", "/v1/carriers", {"name": "far", "type": "onesixty", "settings": settings}
    )
    assert made["settings"]["api_key"] == "********"
    await near.bound("far")
    await near.api.ask("POST", "/v1/routes", {"name": "abroad", "carriers": ["far"]})

    for text in ("hello", LONG):
        message_id = await near.api.accepted(TO, text, route="abroad")
        message = await near.api.until(message_id, "delivered")
        assert message["duplicates"] == 0
    assert far_end.recipients == [TO] * len(far_end.recipients)
    theirs = await far.api.messages()
    assert {message["text"] for message in theirs} == {"hello", LONG}
    assert {message["reference"] for message in theirs} == {m["id"] for m in await near.api.messages()}

    far_end.smsc.deliver(TO, "40404", b"answer")

    async def came_in() -> list[Any]:
        page = await near.api.ask("GET", "/v1/messages?direction=inbound")
        return list(page["data"])

    (inbound,) = await wait_until_async(came_in, 20, "the message from the handset")
    assert (inbound["from"], inbound["to"], inbound["text"]) == (TO, "40404", "answer")

    near.product.allow_log("call_refused")
    reply = await near.api.call("POST", f"/v1/carriers/{made['id']}/receipts", {"type": "message.delivered"})
    assert (reply.status, reply.json["code"]) == (401, "unauthorized")
    await near.api.ask("PATCH", "/v1/carriers/far", {"enabled": False})
    reply = await near.api.call("POST", "/v1/carriers/far/receipts", {"type": "message.delivered"})
    assert (reply.status, reply.json["code"]) == (503, "unavailable")
    for node in (near, far):
        await node.stop()
        await node.audit()
