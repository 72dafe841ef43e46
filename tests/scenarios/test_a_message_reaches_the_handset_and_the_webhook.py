"""The way of one message, from the request to the handset and back to the application."""

from standardwebhooks import Webhook

from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd
from tests.support.receiver import Receiver

TEXT = "Your verification code is 482931"
TO = "+15551234567"


async def test_a_message_reaches_the_handset_and_the_webhook(
    engine_url: str, start_node: StartNode, far_end: FarEnd, receiver: Receiver
) -> None:
    """Promises 1, 2 and 7: signed, with an id, a time and a sequence."""
    node = await start_node([far_end.table("acme")], database_url=engine_url)
    secret = await node.hook(receiver)
    reply = await node.api.send(TO, TEXT, sender="YourBrand", status_callback=f"{receiver.url}/callback")
    assert reply.status == 202
    assert (reply.json["status"], reply.json["to"], reply.json["segments"]) == ("queued", TO, 1)
    message = await node.api.until(reply.id, "delivered")
    assert far_end.text_for(TO) == TEXT
    assert far_end.copies() == {(TO, 1): 1}
    assert message["sent_at"] <= message["delivered_at"]
    assert message["duplicates"] == 0

    posts = await receiver.wait_for(2, path="/hook")
    for post in posts:
        Webhook(secret).verify(post.body.decode(), post.headers)
    told = sorted((post.json for post in posts), key=lambda event: event["sequence"])
    assert [(event["sequence"], event["type"]) for event in told] == [
        (1, "message.sent"),
        (2, "message.delivered"),
    ]
    assert message.pop("account_id")
    assert message.pop("cost") == []  # for operators' keys only: events never tell what carriers take
    assert told[1]["data"] == message, "the event tells what GET shows"
    callbacks = await receiver.wait_for(2, path="/callback")
    assert {post.id for post in callbacks} == {post.id for post in posts}

    history = await node.api.ask("GET", f"/v1/messages/{reply.id}/history")
    kinds = [entry["type"] for entry in history["data"] if entry["type"] not in ("priced", "delivery")]
    assert kinds == ["accepted", "routed", "attempt", "message.sent", "receipt", "message.delivered"]
    deliveries = [entry for entry in history["data"] if entry["type"] == "delivery"]
    assert {(entry["event"], entry["webhook_id"] is None) for entry in deliveries} == {
        (event, callback) for event in ("message.sent", "message.delivered") for callback in (False, True)
    }
    moved = [entry["movement"] for entry in history["data"] if entry["type"] == "priced"]
    assert moved in (["hold", "settle"], ["none"])
    await node.stop()
    await node.audit()
