"""A second channel over the whole path. What it takes is `tests/channels/toy.py`, and one line: `CHANNELS` below."""

import csv
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from onesixty.carriers.registry import BUILT_IN
from onesixty.channels.registry import standard
from onesixty.channels.sms.orders import TextEdit
from onesixty.core import event_body
from onesixty.core.channel import Channels
from onesixty.core.contracts import InboundMessage, Refusal
from onesixty.core.errors import Problem
from onesixty.core.message import Change, Message
from onesixty.core.orders import Edit
from onesixty.core.outcomes import Outcome
from onesixty.core.tenant import Tenant
from onesixty.customers.effect import BindEffect
from onesixty.http.exports import json_lines
from onesixty.inventory.own_numbers import OwnNumbers
from onesixty.messages.export import COLUMNS, MESSAGES, views
from onesixty.messages.inbound import Inbound
from onesixty.messages.queries import Filters
from tests.channels.toy import IncomingNote, NoteCarrier, NoteEdit, NoteOrder, Notes, Pages
from tests.support.databases import memory_database
from tests.support.message_path import ACCOUNT, Node
from tests.support.waiting import wait_until_async

CHANNELS = Channels((*standard(10, 255), Notes()))
TENANT = Tenant(ACCOUNT, False)

NewNode = Callable[..., Awaitable[Node]]


async def with_notes(new_node: NewNode, url: str = "sqlite://", **settings: Any) -> Node:
    """A node with a carrier of SMS and one of notes. The default route has only the former."""
    node = await new_node(url, channels=CHANNELS, others=[NoteCarrier("car_note")], **settings)
    node.load_routes({"default": ("car_a",), "notes": ("car_a", "car_note")})
    return node


def note(body: str = "Bring milk.", **fields: Any) -> NoteOrder:
    return NoteOrder(**({"tenant": TENANT, "sender": "Fridge", "recipient": "@Ann", "body": body} | fields))


async def send(node: Node, *orders: NoteOrder) -> list[Message]:
    results = await node.intake.accept(orders)
    assert all(isinstance(result, Message) for result in results), results
    return results  # type: ignore[return-value]


async def told(node: Node, message: Message) -> list[dict[str, Any]]:
    """The bodies of the events of a message."""
    ids = [row[0] for row in await node.store.fetch("events_of_message", message_id=message.id)]
    rows = sorted(await node.store.fetch("events_bodies", ids=ids), key=lambda row: row[3])
    return [msgspec.json.decode(event_body.told(*row)) for row in rows]


async def test_a_note_goes_the_way_of_a_text_message(engine_url: str, new_node: NewNode) -> None:
    node = await with_notes(new_node, engine_url)
    (message,) = await send(node, note("x" * 150, title="Shopping"))
    assert (message.channel, message.recipient, message.country, message.network) == (
        "note", "@ann", None, None,
    )  # fmt: skip
    assert (message.segments, message.price, message.route_id) == (2, 15000, "rte_notes")

    (submission,) = await node.until_submitted(1, "car_note")
    assert submission.rendered == Pages(2, "Fridge", pages=["x" * 100, "x" * 50])
    carrier = node.carriers["car_note"]
    for page in (0, 1):
        carrier.answer(submission, page, Outcome("accepted", carrier_message_id=f"n{page}"))
    await node.until_status(message, "sent")
    for page in (0, 1):
        node.receipt(f"n{page}", carrier_id="car_note", recipient="ANN", sender="fridge")
    found = await node.until_status(message, "delivered")
    assert not node.carriers["car_a"].submissions, "a carrier of SMS gets no notes"
    assert await node.ledger(message) == {"hold": (15000, 0), "settle": (-15000, 15000)}

    view = node.channels.view(found)
    assert {"text": "x" * 150, "title": "Shopping", "pages": 2, "channel": "note"}.items() <= view.items()
    assert view.keys().isdisjoint({"segments", "encoding", "flash", "udh"})
    assert node.channels.view(await node.get(message.id)) == view
    events = await told(node, message)
    assert [event["type"] for event in events] == ["message.sent", "message.delivered"]
    assert events[-1]["data"] == view

    sms = await node.send("hello")
    await node.until_submitted(1, "car_a")
    assert len(carrier.submissions) == 1, "and a carrier of notes gets no SMS"
    page, _ = await node.queries.find(TENANT, Filters(), 10, None)
    shown = views(page, node.channels, None, {}, accounts=False)
    assert [msgspec.json.decode(line) for line in json_lines(shown).splitlines()] == shown
    assert list(shown[0]) == list(event_body.USUAL), "the object of SMS keeps its shape"
    lines = [dict(zip(COLUMNS, line, strict=True)) for line in csv.reader(MESSAGES.csv(shown).splitlines())]
    assert MESSAGES.head().strip().split(",") == list(COLUMNS)
    assert (lines[0]["id"], lines[0]["segments"], lines[0]["channel_fields"]) == (sms.id, "1", "")
    assert (lines[1]["text"], lines[1]["segments"]) == ("x" * 150, "")
    assert lines[1]["channel_fields"] == '{"title":"Shopping","pages":2}'


async def test_a_note_comes_in(engine_url: str, new_node: NewNode) -> None:
    """Over a carrier that repeats it. Accounts own only numbers yet, so it goes to the operator's."""
    node = await with_notes(new_node, engine_url)
    numbers = OwnNumbers(node.store, node.clock, node.ids)
    desk = Inbound(node.context, recorder=node.recorder, numbers=numbers, accounts=node.accounts)
    acks: list[bool] = []
    coming = {
        "carrier_id": "car_note",
        "sender": "@Ann",
        "recipient": "@shop",
        "received_at": node.clock.now_ms(),
    }
    for session in ("1", "2"):
        desk.receive(
            IncomingNote(**coming, title="Order\0", body="Milk. " * 30, session=session), acks.append
        )
        await wait_until_async(lambda: desk.idle, timeout=20, what="an idle desk")
    assert acks == [True, True]
    (message,), _ = await node.queries.find(TENANT, Filters(direction="inbound"), 10, None)
    assert (message.channel, message.account_id, message.segments, message.country) == (
        "note",
        ACCOUNT,
        2,
        None,
    )
    view = node.channels.view(message)
    assert (view["from"], view["to"], view["text"]) == ("@Ann", "@shop", "Milk. " * 30)
    assert (view["title"], view["pages"]) == ("Order\ufffd", 2)
    assert (view["status"], view["direction"], view["tags"]) == ("received", "inbound", ["unassigned"])
    (event,) = await told(node, message)
    assert (event["type"], event["data"]) == ("message.received", view)
    effect = BindEffect(node.ids, settings_of=lambda _: None, wants=lambda _: True)
    received = Change(before=None, after=message, event="message.received", at=0)
    assert not effect(received), "a bind is for SMS"


async def test_a_message_of_a_channel_that_is_not_here_stays_with_its_carrier(node: Node) -> None:
    desk = Inbound(
        node.context,
        recorder=node.recorder,
        numbers=OwnNumbers(node.store, node.clock, node.ids),
        accounts=node.accounts,
    )
    acks: list[bool] = []
    desk.receive(
        IncomingNote(carrier_id="car_a", sender="@Ann", recipient="@shop", received_at=1, body="Hi"),
        acks.append,
    )
    desk.receive(
        InboundMessage(
            carrier_id="car_a", sender="+15557654321", recipient="+15550009999", received_at=1, payload=b"Hi",
            udh=b"", data_coding=0,
        ),
        acks.append,
    )  # fmt: skip
    await wait_until_async(lambda: desk.idle, timeout=20, what="an idle desk")
    assert sorted(acks) == [False, True]


async def test_a_scheduled_note_is_changed_released_and_redacted(engine_url: str, new_node: NewNode) -> None:
    node = await with_notes(new_node, engine_url)
    later = node.clock.now_ms() + 3_600_000
    (message,) = await send(node, note(title="Shopping", scheduled_at=later))
    assert message.status == "scheduled"
    changed = await node.edits.change(TENANT, message.id, NoteEdit(body="y" * 101))
    assert (changed.segments, changed.price, changed.text) == (2, 15000, "y" * 101)
    assert node.channels.view(changed)["title"] == "Shopping", "a field that is not named stays"
    assert (await node.edits.change(TENANT, message.id, Edit(reference="r"))).reference == "r"
    with pytest.raises(Problem) as refused:
        await node.edits.change(TENANT, message.id, TextEdit(text="a text"))
    assert (refused.value.code, refused.value.param) == ("invalid_field", "text")
    with pytest.raises(Problem) as refused:
        await node.edits.change(TENANT, message.id, NoteEdit(body=""))
    assert (refused.value.code, refused.value.param) == ("text_empty", "body")

    carrier = node.carriers["car_note"]
    carrier.script = carrier.accept
    node.clock.advance(3601)
    await node.sweep.once()
    await node.until_status(message, "sent")
    node.receipt("car_note-1", carrier_id="car_note", recipient="@ann")
    node.receipt("car_note-2", carrier_id="car_note", recipient="@ann")
    await node.until_status(message, "delivered")
    redacted = await node.control.redact(TENANT, message.id)
    view = node.channels.view(redacted)
    assert (view["text"], view["title"], view["to"]) == (None, None, "")
    for event in await told(node, message):
        assert "Shopping" not in str(event)
        assert "yyy" not in str(event)
        assert "@ann" not in str(event)


async def test_a_note_is_judged_by_its_channel(new_node: NewNode) -> None:
    node = await with_notes(new_node)
    orders = [note(), note(recipient="+15551234567"), note(sender=" "), note("")]
    drafts = await node.intake.judge(orders)
    assert [draft.refusal and (draft.refusal.rule, draft.refusal.param) for draft in drafts] == [
        None, ("recipient", "to"), ("sender", "from"), ("text", "body"),
    ]  # fmt: skip
    assert [hop.carrier_id for hop in drafts[0].hops] == ["car_note"]
    assert not await node.store.fetch("messages_by_id", ids=[drafts[0].message.id]), "a preview keeps nothing"


async def test_a_message_is_offered_only_carriers_of_its_channel(new_node: NewNode) -> None:
    node = await with_notes(new_node)
    (found,) = await node.intake.judge([node.order(route="notes")])
    assert [hop.carrier_id for hop in found.hops] == ["car_a"]
    (found,) = await node.intake.judge([note(route="default")])
    assert found.refusal is not None
    assert found.refusal.code == "no_route"
    for order, carrier_id in ((note(), "car_a"), (node.order(), "car_note")):
        order.carrier = carrier_id
        (found,) = await node.intake.judge([order])
        assert found.refusal is not None
        assert "channel" in found.refusal.detail
    told = node.router.explain((await node.intake.judge([note()]))[0].message)
    assert [(route.id, route.reason) for route in told.routes] == [
        ("rte_default", "no carrier"), ("rte_notes", "taken"),
    ]  # fmt: skip
    assert [(carrier.id, carrier.reason) for carrier in told.carriers if not carrier.taken] == [
        ("car_a", "other channel")
    ]
    # Failover has no carrier of notes left, and does not take one of SMS.
    node.carriers["car_note"].refuses = Refusal("carrier_cannot_carry", "No.")
    (message,) = await send(node, note())
    await node.until_status(message, "failed")
    assert not node.carriers["car_a"].submissions

    node.load_routes({"default": ("car_a",)})
    (result,) = await node.intake.accept([note()])
    assert isinstance(result, Problem)
    assert result.code == "no_route"


async def test_filters_about_numbers_do_not_apply_to_names(new_node: NewNode) -> None:
    """`@15551234567` has the digits of a number at the same places, and is none."""
    node = await with_notes(new_node)
    await route(node, "notes", prefixes=["1555"])
    (found,) = await node.intake.judge([note(recipient="@15551234567")])
    assert found.refusal is not None
    await route(node, "notes", sender_kinds=["alphanumeric"])
    (found,) = await node.intake.judge([note()])
    assert found.refusal is not None, "a note's sender is of no kind"
    await route(node, "notes", senders=["Fri*"])
    (found,) = await node.intake.judge([note()])
    assert found.refusal is None


async def route(node: Node, name: str, **match: Any) -> None:
    """Replace the routes by one that has these filters and all carriers."""
    node.load_routes({name: tuple(node.carriers)}, **match)


async def test_a_receipt_without_an_id_finds_a_note_by_its_name(engine_url: str, new_node: NewNode) -> None:
    node = await with_notes(new_node, engine_url)
    carrier = node.carriers["car_note"]
    carrier.script = lambda submission, segment: Outcome("unknown")
    (message,) = await send(node, note(on_unknown="hold"))
    await node.until_status(message, "held")
    node.receipt("other", carrier_id="car_note", recipient="BOB", sender="Fridge")
    node.receipt("this", carrier_id="car_note", recipient="ANN", sender="FRIDGE")
    await node.until_status(message, "delivered")


async def test_an_early_receipt_of_a_lost_answer_finds_its_note(new_node: NewNode) -> None:
    node = await with_notes(new_node)
    carrier = node.carriers["car_note"]
    (message,) = await send(node, note(on_unknown="hold"))
    (submission,) = await node.until_submitted(1, "car_note")
    node.receipt("this", carrier_id="car_note", recipient="ANN", sender="FRIDGE")
    await wait_until_async(lambda: node.receipt_desk.idle, timeout=20, what="a kept receipt")
    carrier.answer(submission, 0, Outcome("unknown"))
    await node.until_status(message, "delivered")


async def test_without_its_channel_a_message_is_shown_and_not_judged(new_node: NewNode) -> None:
    """The channel's folder is gone, and its rows are not."""
    memory = memory_database()
    before = await with_notes(new_node, memory=memory)
    at = before.clock.now_ms() + 60_000
    waiting, held = await send(before, note(scheduled_at=at), note(on_unknown="hold"))
    (submission,) = await before.until_submitted(1, "car_note")
    before.carriers["car_note"].answer(submission, 0, Outcome("unknown"))
    await before.until_status(held, "held")

    node = await new_node(memory=memory)
    view = node.channels.view(await node.get(waiting))
    assert (view["channel"], view["text"], view["to"]) == ("note", "Bring milk.", "@ann")
    with pytest.raises(Problem) as refused:
        await node.edits.change(TENANT, waiting.id, NoteEdit(body="Bring bread."))
    assert refused.value.param == "channel"
    node.clock.advance(30)
    node.receipt("this", carrier_id="car_note", recipient="@ann", sender="FRIDGE")
    await node.until_status(held, "delivered")
    node.clock.advance(120)
    await node.sweep.once()
    assert (await node.until_status(waiting, "failed")).error_code == "no_route"


def test_a_name_is_of_one_channel() -> None:
    with pytest.raises(ValueError, match="note, note"):
        Channels((Notes(), Notes()))


def test_every_connector_has_a_channel_of_the_node() -> None:
    names = {channel.name for channel in standard()}
    assert {BUILT_IN.channel_of(type_) for type_ in BUILT_IN.types} <= names
