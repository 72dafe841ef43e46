"""Changing a message that waits: in the lane, in the database, for its time; never what a carrier may have."""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from onesixty.channels.sms.content import Content, content_of
from onesixty.channels.sms.orders import TextEdit
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.core.outcomes import Outcome
from onesixty.core.tenant import Tenant
from onesixty.reports.audit import Terms, run_audit
from onesixty.store.units import Unavailable
from tests.support.message_path import ACCOUNT, Node
from tests.support.waiting import wait_until_async

NewNode = Callable[..., Awaitable[Node]]
LONG = "All segments of a message go over one carrier. " * 6  # 2 segments


async def change(node: Node, message: Message, **fields: Any) -> Message:
    return await node.edits.change(Tenant(ACCOUNT, False), message.id, TextEdit(**fields))


async def refusal(call: Awaitable[Message]) -> tuple[str, str | None]:
    with pytest.raises(Problem) as caught:
        await call
    return caught.value.code, caught.value.param


async def findings(node: Node) -> list[str]:
    store: Any = node.store
    found = await run_audit(store, Terms(now=node.clock.now_ms(), charge_on="sent"))
    return [finding.name for finding in found if finding.count]


async def test_what_waits_in_the_lane_goes_changed_and_in_its_place(
    engine_url: str, new_node: NewNode
) -> None:
    node = await new_node(engine_url)
    node.carrier.connected = False
    first, second = await node.send("m1"), await node.send("m2")
    changed = await change(node, first, text=LONG, tags=["new"], reference="r1")
    assert (changed.text, changed.segments, changed.price) == (LONG, 2, 15_000)
    assert await node.get(first) == changed
    assert await node.ledger(first) == {"hold": (7500, 0), "reprice:2": (7500, 0)}
    history = await node.histories.history(Tenant(ACCOUNT, False), first.id, False)
    assert [entry["type"] for entry in history["data"]] == ["accepted", "message.changed"]
    node.carrier.script = node.carrier.accept
    node.carrier.come_and_go(True)
    await node.until_status(second, "sent")
    sent = await node.until_status(first, "sent")
    assert node.carrier.sent == [LONG, "m2"]
    assert sent.sequence == 2
    assert (await node.ledger(first))["settle"] == (-15_000, 15_000)
    await node.until_idle()
    assert await findings(node) == []


async def test_a_message_is_changed_again_and_again(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url)
    node.carrier.connected = False
    message = await node.send("short")
    for text, price in ((LONG, 15_000), (LONG * 2, 30_000), ("short", 7500)):
        assert (await change(node, message, text=text)).price == price
    assert sum(held for held, _ in (await node.ledger(message)).values()) == 7500
    assert await findings(node) == []
    await node.control.cancel(Tenant(ACCOUNT, False), message.id)
    assert sum(held for held, _ in (await node.ledger(message)).values()) == 0
    assert await findings(node) == []


async def test_what_waits_in_the_database_or_for_its_time_is_changed(new_node: NewNode) -> None:
    node = await new_node(lane_capacity=1)
    node.carrier.connected = False
    _, waiting = await node.send("m1"), await node.send("m2")
    scheduled = await node.send("m3", scheduled_at=node.clock.now_ms() + 60_000)
    later = await node.send("m4", scheduled_at=node.clock.now_ms() + 60_000)
    soon = await node.send("m5", scheduled_at=node.clock.now_ms() + 60_000)
    await change(node, waiting, text="m2 new")
    await change(node, scheduled, text="m3 new")
    moved = await change(node, later, scheduled_at=node.clock.now_ms() + 120_000)
    assert moved.expires_at - moved.scheduled_at == later.expires_at - later.scheduled_at  # type: ignore[operator]
    await change(node, soon, scheduled_at=None)
    node.carrier.script = node.carrier.accept
    node.carrier.come_and_go(True)
    await node.sweep.once()
    for message in (waiting, soon):
        await node.until_status(message, "sent")
    node.clock.advance(61)
    await node.sweep.once()
    await node.until_status(scheduled, "sent")
    assert (await node.get(later)).status == "scheduled"
    assert sorted(node.carrier.sent) == ["m1", "m2 new", "m3 new", "m5"]
    await node.until_idle()
    assert await findings(node) == []


async def test_another_class_or_route_takes_another_place(new_node: NewNode) -> None:
    node = await new_node(carriers=("car_a", "car_b"))
    for carrier in node.carriers.values():
        carrier.connected = False
        carrier.script = carrier.accept
    node.load_routes({"default": ("car_a",), "other": ("car_b",)})
    message, urgent, stays = await node.send("m1"), await node.send("m2"), await node.send("m3")
    moved = await change(node, message, route="other")
    assert (moved.carrier_id, moved.pinned_route) == ("car_b", "other")
    promoted = await change(node, urgent, class_="marketing", priority=3)
    assert (promoted.on_unknown, promoted.priority) == ("hold", 3)
    assert await refusal(change(node, stays, route="nowhere")) == ("unknown_route", "route")
    for carrier in node.carriers.values():
        carrier.come_and_go(True)
    for one in (message, urgent, stays):
        await node.until_status(one, "sent")
    assert sorted(node.carriers["car_a"].sent) == ["m2", "m3"]
    assert node.carriers["car_b"].sent == ["m1"]
    for line in node.dispatcher.queues.values():
        assert line.lane.room == line.lane.capacity, "every place was given back"


async def test_what_intake_would_refuse_is_refused_and_nothing_changes(node: Node) -> None:
    node.carrier.connected = False
    message = await node.send("m1")
    now = node.clock.now_ms()
    scheduled = await node.send("m2", scheduled_at=now + 60_000)
    for one, fields, expected in (
        (message, {"text": ""}, ("text_empty", "text")),
        (message, {"text": "x" * 2000}, ("text_too_long", "text")),
        (message, {"text": "’", "encoding": "gsm7"}, ("not_encodable", "text")),
        (message, {"sender": "?"}, ("invalid_sender", "from")),
        (message, {"language": "xx", "text": "a"}, ("invalid_field", "language")),
        (message, {"valid_for": 0}, ("invalid_field", "valid_for")),
        (message, {"expires_at": now - 1}, ("invalid_field", "valid_for")),
        (message, {"valid_for": 8 * 86_400}, ("invalid_field", "valid_for")),
        (message, {"scheduled_at": now + 60_000}, ("too_late", "scheduled_at")),
        (scheduled, {"scheduled_at": now - 1000}, ("scheduled_in_past", "scheduled_at")),
        (scheduled, {"scheduled_at": now + 400 * 86_400_000}, ("scheduled_too_far", "scheduled_at")),
    ):
        assert await refusal(change(node, one, **fields)) == expected, fields
    assert await node.get(message) == message
    node.carrier.script = node.carrier.accept
    node.carrier.come_and_go(True)
    await node.until_status(message, "sent")


async def test_what_it_is_beside_its_text_is_kept_or_changed(node: Node) -> None:
    node.carrier.connected = False
    message = await node.send("m1", content=Content(flash=True, udh="06050415820000"))
    kept = await change(node, message, text="new")
    assert content_of(kept.content) == Content(flash=True, udh="06050415820000")
    binary = await change(node, message, binary=b"\x01\x02", content=Content(udh="06050415820000"))
    assert (binary.encoding, binary.text) == ("binary", b64encode(b"\x01\x02").decode())
    assert (await change(node, message, priority=5)).text == binary.text
    words = await change(node, message, text="ş" * 100, content=None, language="tr")
    assert (words.encoding, words.segments) == ("gsm7", 1)
    assert content_of(words.content).locking_shift or content_of(words.content).single_shift
    assert (await change(node, message, priority=6)).content == words.content


async def test_in_flight_is_too_late(node: Node) -> None:
    message = await node.send()
    (submission,) = await node.until_submitted(1)
    assert (await refusal(change(node, message, text="new")))[0] == "too_late"
    node.carrier.answer_all(submission)
    await node.until_status(message, "sent")
    assert (await refusal(change(node, message, text="new")))[0] == "too_late"


@pytest.mark.parametrize(
    ("rest", "on_unknown"),
    [
        (Outcome("throttled"), "resend"),
        (Outcome("retryable", code="carrier_busy"), "resend"),
        (Outcome("unknown"), "resend"),
        (Outcome("unknown"), "hold"),
    ],
)
async def test_what_a_carrier_may_have_is_too_late(node: Node, rest: Outcome, on_unknown: str) -> None:
    """A part was taken, or all of it may have been: the handset would see two texts."""
    message = await node.send(LONG, on_unknown=on_unknown)
    (first,) = await node.until_submitted(1)
    node.carrier.connected = False
    node.carrier.answer(
        first, 0, Outcome("unknown") if rest.kind == "unknown" else node.carrier.accept(first, 0)
    )
    node.carrier.answer(first, 1, rest)
    await wait_until_async(lambda: node.attempts(message), what="the attempt")
    await asyncio.sleep(0)
    assert (await refusal(change(node, message, text="new")))[0] == "too_late"


async def test_what_was_refused_for_now_may_be_changed(node: Node) -> None:
    message = await node.send("old")
    (first,) = await node.until_submitted(1)
    node.carrier.answer_all(first, Outcome("retryable", code="carrier_busy"))
    await wait_until_async(lambda: node.attempts(message), what="the attempt")
    await node.until_idle()
    await change(node, message, text="new")
    node.carrier.script = node.carrier.accept
    node.clock.advance(3)
    await node.sweep.once()
    await node.until_status(message, "sent")
    assert node.carrier.sent == ["old", "new"]


async def test_change_and_take_off_race_and_one_wins(new_node: NewNode) -> None:
    """In whichever step of the loop it comes, what is sent is what the API says was sent."""
    ends = set()
    for lead in (0, 1, 2, 3, 4, 6, 8, 12, 20, 40):
        node = await new_node()
        node.carrier.script = node.carrier.accept
        node.carrier.connected = False
        message = await node.send("old")
        edit = asyncio.ensure_future(change(node, message, text="new"))
        for _ in range(lead):
            await asyncio.sleep(0)
        node.carrier.come_and_go(True)
        result = await asyncio.gather(edit, return_exceptions=True)
        found = await node.until_status(message, "sent")
        await node.until_idle()
        assert node.carrier.sent == [found.text]
        assert (found.text == "new") == isinstance(result[0], Message)
        ends.add(found.text)
    assert ends == {"old", "new"}


@pytest.mark.parametrize("capacity", [1, 100], ids=["in the database", "in the lane"])
async def test_of_two_who_read_the_same_version_the_second_changes_nothing(
    new_node: NewNode, capacity: int
) -> None:
    node = await new_node(lane_capacity=capacity)
    node.carrier.connected = False
    _, message = await node.send("m1"), await node.send("m2")
    tenant, read = Tenant(ACCOUNT, False), frozenset({(await node.get(message)).version})
    changed = await node.edits.change(tenant, message.id, TextEdit(text="first"), read)
    assert (changed.text, changed.version in read) == ("first", False)
    second = node.edits.change(tenant, message.id, TextEdit(text="second"), read)
    assert (await refusal(second))[0] == "precondition_failed"
    assert (await node.get(message)).text == "first"
    versions = frozenset({changed.version})
    assert (await node.edits.change(tenant, message.id, TextEdit(text="third"), versions)).text == "third"
    node.carrier.script = node.carrier.accept
    node.carrier.come_and_go(True)
    assert (await node.until_status(message, "sent")).text == "third"


async def test_a_caller_who_goes_away_leaves_the_message_in_its_lane(node: Node) -> None:
    node.carrier.connected = False
    message = await node.send("old")
    asked = asyncio.ensure_future(change(node, message, text="new"))
    await asyncio.sleep(0)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    node.carrier.script = node.carrier.accept
    node.carrier.come_and_go(True)
    assert (await node.until_status(message, "sent")).text in ("old", "new")


async def test_a_store_that_is_away_leaves_it_as_it_was(node: Node) -> None:
    node.carrier.connected = False
    message = await node.send("old")
    node.store.refuse = lambda unit: Unavailable("down")
    assert (await refusal(change(node, message, text="new")))[0] == "unavailable"
    node.store.refuse = lambda unit: None
    node.carrier.script = node.carrier.accept
    node.carrier.come_and_go(True)
    assert (await node.until_status(message, "sent")).text == "old"


async def test_nobody_changes_what_is_not_his(node: Node) -> None:
    node.carrier.connected = False
    message = await node.send()
    edits = node.edits
    for tenant, id_ in (
        (Tenant("acc_x", False), message.id),
        (Tenant(ACCOUNT, True), message.id),
        (Tenant(ACCOUNT, False), "m"),
    ):
        assert (await refusal(edits.change(tenant, id_, TextEdit(text="x"))))[0] == "not_found"
