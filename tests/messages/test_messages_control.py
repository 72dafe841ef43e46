"""Cancel and redact, against everything that may happen at the same moment."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from onesixty.channels.sms.orders import TextEdit
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.core.outcomes import Outcome
from onesixty.core.tenant import Tenant
from onesixty.jobs.bulk import CANCEL, REROUTE, Target
from onesixty.store.units import Unavailable
from tests.support.message_path import ACCOUNT, Node, bulk_of
from tests.support.waiting import wait_until_async

NewNode = Callable[..., Awaitable[Node]]
LONG = "All segments of a message go over one carrier. " * 6  # 2 segments


async def refusal(call: Awaitable[Message]) -> str:
    with pytest.raises(Problem) as caught:
        await call
    return caught.value.code


async def test_what_waits_in_the_lane_is_canceled_at_once(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url)
    node.carrier.connected = False
    message, other = await node.send("m1"), await node.send("m2")
    canceled = await node.control.cancel(Tenant(ACCOUNT, False), message.id)
    assert (canceled.status, canceled.error_code) == ("canceled", "canceled")
    assert await node.get(message) == canceled
    assert await node.ledger(message) == {"hold": (7500, 0), "release": (-7500, 0)}
    again = await node.control.cancel(Tenant(ACCOUNT, False), message.id)
    assert again == canceled, "canceling twice is fine"
    node.carrier.script = node.carrier.accept
    node.carrier.come_and_go(True)
    await node.until_status(other, "sent")
    assert node.carrier.sent == ["m2"]


async def test_what_waits_in_the_database_or_for_its_time_is_canceled(new_node: NewNode) -> None:
    node = await new_node(lane_capacity=1)
    node.carrier.connected = False
    _, waiting = await node.send("m1"), await node.send("m2")
    scheduled = await node.send(scheduled_at=node.clock.now_ms() + 60_000)
    for message in (waiting, scheduled):
        assert (await node.control.cancel(Tenant(ACCOUNT, False), message.id)).status == "canceled"
    node.carrier.script = node.carrier.accept
    node.carrier.come_and_go(True)
    node.clock.advance(60)
    await node.sweep.once()
    await node.until_submitted(1)
    await node.until_idle()
    assert node.carrier.sent == ["m1"]


async def test_in_flight_is_too_late(node: Node) -> None:
    message = await node.send()
    (submission,) = await node.until_submitted(1)
    assert await refusal(node.control.cancel(Tenant(ACCOUNT, False), message.id)) == "too_late"
    node.carrier.answer_all(submission)
    await node.until_status(message, "sent")
    assert await refusal(node.control.cancel(Tenant(ACCOUNT, False), message.id)) == "too_late"
    await node.receipts(("car_a-1", 2))
    assert await refusal(node.control.cancel(Tenant(ACCOUNT, False), message.id)) == "too_late"


@pytest.mark.parametrize("rest", [Outcome("throttled"), Outcome("retryable", code="carrier_busy")])
async def test_of_which_a_part_was_taken_is_too_late(node: Node, rest: Outcome) -> None:
    """Whether the rest waits in the lane or parked in the database; and it goes on."""
    message = await node.send(LONG)
    (first,) = await node.until_submitted(1)
    node.carrier.answer(first, 0, node.carrier.accept(first, 0))
    node.carrier.answer(first, 1, rest)
    await wait_until_async(lambda: node.attempts(message), what="the attempt")
    await asyncio.sleep(0)
    assert await refusal(node.control.cancel(Tenant(ACCOUNT, False), message.id)) == "too_late"
    node.carrier.script = node.carrier.accept
    node.clock.advance(3)
    await node.sweep.once()
    await node.until_status(message, "sent")
    assert node.carrier.submissions[-1].pending == [1]


async def test_cancel_and_take_off_race_and_one_wins(new_node: NewNode) -> None:
    """In whichever step of the loop it comes, the message is sent or canceled, never both."""
    ends = set()
    for delay in range(12):
        node = await new_node()
        node.carrier.script = node.carrier.accept
        node.carrier.connected = False
        message = await node.send()
        if delay:
            node.carrier.come_and_go(True)
        for _ in range(delay):
            await asyncio.sleep(0)
        cancel = asyncio.ensure_future(node.control.cancel(Tenant(ACCOUNT, False), message.id))
        if not delay:
            node.carrier.come_and_go(True)
        result = await asyncio.gather(cancel, return_exceptions=True)
        found = await node.until_status(message, "canceled", "sent")
        await node.until_idle()
        assert (found.status == "canceled") == isinstance(result[0], Message)
        assert len(node.carrier.sent) == (found.status == "sent")
        kinds = set(await node.ledger(message))
        assert kinds == {"hold", "release" if found.status == "canceled" else "settle"}
        ends.add(found.status)
    assert ends == {"canceled", "sent"}


async def test_cancel_and_release_race_and_one_wins(node: Node) -> None:
    node.carrier.script = node.carrier.accept
    message = await node.send(scheduled_at=node.clock.now_ms() + 1000)
    node.clock.advance(1)
    results = await asyncio.gather(
        node.control.cancel(Tenant(ACCOUNT, False), message.id), node.sweep.once(), return_exceptions=True
    )
    found = await node.until_status(message, "canceled", "sent")
    assert (found.status == "canceled") == isinstance(results[0], Message)
    assert node.dispatcher.queues["car_a"].lane.room == 1000


async def test_nobody_cancels_what_is_not_his(node: Node) -> None:
    node.carrier.connected = False
    message = await node.send()
    assert await refusal(node.control.cancel(Tenant("acc_other", False), message.id)) == "not_found"
    assert await refusal(node.control.cancel(Tenant(ACCOUNT, True), message.id)) == "not_found"
    assert await refusal(node.control.cancel(Tenant(ACCOUNT, False), "msg_none")) == "not_found"
    assert await refusal(node.control.redact(Tenant("acc_other", False), message.id)) == "not_found"


async def test_when_the_store_cannot_write_the_message_stays(node: Node) -> None:
    node.carrier.connected = False
    message = await node.send("m1")
    await node.send("m2")
    node.store.refuse = lambda unit: Unavailable("full")
    assert await refusal(node.control.cancel(Tenant(ACCOUNT, False), message.id)) == "unavailable"
    node.store.refuse = lambda unit: None
    node.carrier.script = node.carrier.accept
    node.carrier.come_and_go(True)
    await node.until_status(message, "sent")
    assert node.carrier.sent == ["m1", "m2"]


async def test_redaction_reaches_everything_that_holds_text_or_number(
    engine_url: str, new_node: NewNode
) -> None:
    node = await new_node(engine_url)
    message = await node.sent("a secret word")
    await node.until_idle()
    node.receipt("car_a-1", 2, raw="id:1 text:a secret word")
    await node.until_idle()
    redacted = await node.control.redact(Tenant(ACCOUNT, False), message.id)
    assert (redacted.text, redacted.recipient) == ("", "")
    assert redacted.redacted_at is not None
    assert redacted.status == "delivered"
    found = [
        *await node.store.fetch("messages_by_id", ids=[message.id]),
        *await node.store.fetch("receipts_of_message", message_id=message.id),
        *await node.store.fetch("attempts_of_messages", ids=[message.id]),
    ]
    assert "secret" not in str(found)
    assert "5551234567" not in str(found)
    assert await node.control.redact(Tenant(ACCOUNT, False), message.id) == redacted, (
        "redacting twice is fine"
    )


async def test_redaction_waits_for_the_end(node: Node) -> None:
    node.carrier.connected = False
    message = await node.send()
    assert await refusal(node.control.redact(Tenant(ACCOUNT, False), message.id)) == "not_terminal"
    await node.control.cancel(Tenant(ACCOUNT, False), message.id)
    node.store.refuse = lambda unit: Unavailable("full")
    assert await refusal(node.control.redact(Tenant(ACCOUNT, False), message.id)) == "unavailable"
    node.store.refuse = lambda unit: None
    assert (await node.control.redact(Tenant(ACCOUNT, False), message.id)).text == ""


async def test_redaction_and_a_correction_race_and_both_happen(node: Node) -> None:
    message = await node.sent("a secret word")
    await node.receipts(("car_a-1", 5))
    node.receipt("car_a-1", 2)
    await node.control.redact(Tenant(ACCOUNT, False), message.id)
    await node.until_idle()
    found = await node.get(message)
    assert (found.status, found.text) == ("delivered", "")
    rows = await node.store.fetch("receipts_of_message", message_id=message.id)
    assert "5551234567" not in str(rows)


async def test_whoever_loses_the_guard_puts_the_message_back_into_its_lane(node: Node) -> None:
    """Cancel, change and bulk work take it out first; nothing else would send it then."""
    node.carrier.connected = False
    messages = [await node.send(f"m{n}") for n in range(4)]
    node.clock.advance(0.01)
    bulk = bulk_of(node)
    node.store.refuse = lambda unit: False
    assert await refusal(node.control.cancel(Tenant(ACCOUNT, False), messages[0].id)) == "unavailable"
    assert (
        await refusal(node.edits.change(Tenant(ACCOUNT, False), messages[1].id, TextEdit(text="new")))
        == "conflict"
    )
    await bulk.work(CANCEL, [await node.get(messages[2])], Target())
    await bulk.work(REROUTE, [await node.get(messages[3])], Target(carrier="car_a"))
    line = node.dispatcher.queues["car_a"]
    assert (len(line.lane), line.lane.room) == (4, 996)
    node.store.refuse = lambda unit: None
    node.carrier.script = node.carrier.accept
    node.carrier.come_and_go(True)
    for message in messages:
        await node.until_status(message, "sent")
    assert sorted(node.carrier.sent) == ["m0", "m1", "m2", "m3"]
