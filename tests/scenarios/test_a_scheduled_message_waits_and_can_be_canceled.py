"""What is scheduled is held until its time, costs others nothing, and can be taken back."""

from datetime import UTC, datetime, timedelta

from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd
from tests.support.receiver import Receiver

SOON = 4.0  # seconds: what is sent at once arrives before, on a loaded machine too
FAR_ONES = 40


def _in(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


async def test_a_scheduled_message_waits_and_can_be_canceled(
    engine_url: str, start_node: StartNode, far_end: FarEnd, receiver: Receiver
) -> None:
    """Messages scheduled far ahead do not block what is due."""
    node = await start_node([far_end.table("acme")], database_url=engine_url)
    await node.hook(receiver)
    api = node.api
    far = [await api.accepted(f"+1555333{n:04}", scheduled_at=_in(86_400)) for n in range(FAR_ONES)]
    soon = await api.send("+15551110001", "Now", scheduled_at=_in(SOON))
    assert soon.json["status"] == "scheduled"
    taken_back = await api.accepted("+15551110002", "Never", scheduled_at=_in(SOON))
    at_once = await api.accepted("+15551110003", "First")
    canceled = await api.ask("POST", f"/v1/messages/{taken_back}/cancel")
    assert canceled["status"] == "canceled"
    assert canceled["canceled_at"] is not None

    await api.until(at_once, "delivered")
    assert "+15551110001" not in far_end.recipients, "its time has not come"
    message = await api.until(soon.id, "delivered")
    assert message["queued_at"] >= message["scheduled_at"]
    assert [event["type"] for event in await api.events(soon.id)] == [
        "message.queued",
        "message.sent",
        "message.delivered",
    ]
    late = await api.call("POST", f"/v1/messages/{soon.id}/cancel")
    assert (late.status, late.code) == (409, "too_late")
    again = await api.ask("POST", f"/v1/messages/{taken_back}/cancel")
    assert again["status"] == "canceled", "canceling twice is fine"
    statuses = await api.statuses()
    assert {statuses[id_] for id_ in far} == {"scheduled"}
    assert far_end.recipients == ["+15551110003", "+15551110001"]
    types = {
        post.json["type"] for post in await receiver.wait_for(6) if post.json["data"]["id"] == taken_back
    }
    assert types == {"message.canceled"}
    await node.stop()
    await node.audit()
