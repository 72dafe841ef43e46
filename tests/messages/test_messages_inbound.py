"""Messages from handsets: on disk before they are acknowledged, once, whole where they can be, and somebody's."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from onesixty import text
from onesixty.channels.sms.content import content_of
from onesixty.channels.sms.view import sms_view
from onesixty.core.channel import Place
from onesixty.core.contracts import InboundMessage
from onesixty.core.message import Message, from_row
from onesixty.core.tenant import Tenant
from onesixty.inventory.own_numbers import OwnNumbers
from onesixty.messages.assembly import content_digest, place_key
from onesixty.messages.inbound import SAME_ID_MS, UNASSIGNED, Inbound
from onesixty.messages.queries import Filters
from onesixty.messages.tables import PARTS, WaitingPart
from onesixty.sealing.keyring import is_sealed
from onesixty.store.units import Result, Unavailable, Unit
from tests.support.message_path import ACCOUNT, Node
from tests.support.path_fixtures import NewNode
from tests.support.waiting import wait_until_async

OURS = "+15550001111"
HANDSET = "+15557654321"


class Inbox:
    """A desk on a node, and what it answered."""

    def __init__(self, node: Node, lease: int = 1) -> None:
        self.node = node
        self.acks: list[bool] = []
        self.on_disk_at_ack: list[int] = []
        self.numbers = OwnNumbers(node.store, node.clock, node.ids)
        self.desk = Inbound(
            node.context_on(node.store, lease),
            recorder=node.recorder,
            numbers=self.numbers,
            accounts=node.accounts,
        )

    @property
    def counts(self) -> dict[str, int]:
        """How many were counted as what."""
        self.node.observer.render()
        return {result: n for (_, result), n in self.node.metrics.inbound_messages.totals().items()}

    async def come(self, payload: bytes = b"Hi", **fields: Any) -> None:
        """A message comes; it is worked off when this returns."""
        self.offer(payload, **fields)
        await self.until_idle()

    def offer(self, payload: bytes = b"Hi", **fields: Any) -> None:
        values = {
            "carrier_id": "car_a", "sender": HANDSET, "recipient": OURS, "udh": b"", "data_coding": 0,
            "received_at": self.node.clock.now_ms(),
        }  # fmt: skip
        self.desk.receive(InboundMessage(**(values | {"payload": payload} | fields)), self.acks.append)

    async def until_idle(self) -> None:
        await wait_until_async(lambda: self.desk.idle, 20, "an idle desk")

    async def parts(self, *numbers: int, total: int = 3, reference: int = 7, words: str = "abc") -> None:
        for number in numbers:
            await self.come(words[number - 1].encode() * 4, udh=text.concat_udh(reference, total, number))

    async def messages(self, account_id: str = ACCOUNT, test: bool = False) -> list[Message]:
        found, _ = await self.node.queries.find(
            Tenant(account_id, test), Filters(direction="inbound"), 50, None
        )
        return found[::-1]

    async def texts(self) -> list[str]:
        return [message.text for message in await self.messages()]

    async def waiting(self) -> int:
        return len(await self.node.store.fetch("inbound_places"))


@pytest.fixture
def inbox(node: Node) -> Inbox:
    return Inbox(node)


async def test_a_message_is_on_disk_when_it_is_acknowledged(engine_url: str, new_node: NewNode) -> None:
    """Promise 4: committed before deliver_sm_resp; a row in messages, an event, an account."""
    node = await new_node(engine_url)
    inbox = Inbox(node)
    committed: list[str] = []
    node.store.subscribe("message_insert", lambda rows: committed.extend(row[0] for row in rows))
    inbox.offer("Grüße".encode("latin-1"), data_coding=3)
    inbox.desk._queue[0].acknowledge = lambda stored: inbox.on_disk_at_ack.append(len(committed))
    await inbox.until_idle()
    assert inbox.on_disk_at_ack == [1]
    (message,) = await inbox.messages()
    view = sms_view(message)
    assert (view["from"], view["to"], view["text"], view["status"]) == (HANDSET, OURS, "Grüße", "received")
    assert (view["direction"], view["incomplete"], view["price"]) == ("inbound", False, "0.00")
    assert view["received_at"] == view["created_at"]
    assert view["tags"] == [UNASSIGNED]
    assert message.country == "US"
    assert await node.events(message) == ["message.received"]
    history = await node.histories.history(Tenant(ACCOUNT, False), message.id, operator=True)
    assert [entry["type"] for entry in history["data"]] == ["message.received"]
    assert await node.ledger(message) == {}


async def test_what_cannot_be_stored_is_refused_and_taken_when_it_comes_again(inbox: Inbox) -> None:
    inbox.node.store.down = True
    await inbox.come()
    assert inbox.acks == [False]
    inbox.node.store.down = False
    await inbox.come()
    assert inbox.acks == [False, True]
    assert await inbox.texts() == ["Hi"]


async def test_a_repeat_is_one_message(inbox: Inbox) -> None:
    """Stored, and killed before the acknowledgement: the carrier repeats it over a new link."""
    await inbox.come(session="1")
    await inbox.come(session="2")
    after_restart = Inbox(inbox.node, lease=2)
    await after_restart.come(session="1")
    assert inbox.acks == [True, True]
    assert after_restart.acks == [True]
    assert await inbox.texts() == ["Hi"]
    assert inbox.counts == {"received": 1, "repeated": 2}
    await inbox.come(carrier_message_id="m1", session="2")
    await inbox.come(carrier_message_id="m1", session="2")
    assert len(await inbox.messages()) == 2


async def test_the_same_words_twice_are_two_messages(inbox: Inbox) -> None:
    """Nothing is dropped: over one link nobody repeats what was acknowledged; later it is no repeat either."""
    inbox.offer(b"1", session="1")
    inbox.offer(b"1", session="1")
    await inbox.until_idle()
    assert await inbox.texts() == ["1", "1"]
    inbox.node.clock.advance(61)
    await inbox.come(b"1", session="2")
    assert await inbox.texts() == ["1", "1", "1"]


async def test_the_same_parts_twice_over_one_link_are_two_messages(
    engine_url: str, new_node: NewNode
) -> None:
    """Some devices send a constant reference: the same long message within minutes, also mixed with the first."""
    inbox = Inbox(await new_node(engine_url))
    udhs = [text.concat_udh(7, 2, number) for number in (1, 2)]
    for _ in range(2):
        for number in (0, 1):
            await inbox.come(b"ab"[number : number + 1] * 4, udh=udhs[number], session="1")
    for number in (0, 0, 1, 1):
        await inbox.come(b"ab"[number : number + 1] * 4, udh=udhs[number], session="1")
    assert await inbox.texts() == ["aaaabbbb"] * 4
    assert inbox.acks == [True] * 8
    for number in (0, 1):
        await inbox.come(b"ab"[number : number + 1] * 4, udh=udhs[number], session="2")
    assert await inbox.texts() == ["aaaabbbb"] * 4, "over another link they are a repeat"
    assert await inbox.waiting() == 0


async def test_parts_with_ids_of_their_carrier_are_told_apart_by_them(inbox: Inbox) -> None:
    for first in ("a", "b", "b"):
        for number in (1, 2):
            await inbox.come(
                b"xy"[number - 1 : number],
                udh=text.concat_udh(7, 2, number),
                carrier_message_id=f"{first}{number}",
            )
    assert await inbox.texts() == ["xy", "xy"]
    assert inbox.counts["repeated"] == 2


async def test_what_the_handset_asked_for_is_kept(inbox: Inbox) -> None:
    """Message class, message waiting, protocol_id, reply path; and what could not be read of the PDU."""
    await inbox.come(data_coding=0xF2, protocol_id=0x41, reply_path=True, noted=("1 NUL before the TLVs",))
    await inbox.come(b"1", data_coding=0x10)
    await inbox.come(b"2", data_coding=3)
    first, flash, plain = [content_of(message.content) for message in await inbox.messages()]
    assert (first.data_coding, first.protocol_id, first.reply_path) == (0xF2, 0x41, True)
    assert first.noted == ("1 NUL before the TLVs",)
    assert (flash.flash, flash.data_coding) == (True, None)
    assert plain.data_coding is None


async def test_parts_out_of_order_and_doubled_are_one_message(engine_url: str, new_node: NewNode) -> None:
    inbox = Inbox(await new_node(engine_url))
    await inbox.parts(3, 1, 3, 1, 2, 2)
    assert inbox.acks == [True] * 6
    (message,) = await inbox.messages()
    assert (message.text, message.segments) == ("aaaabbbbcccc", 3)
    assert sms_view(message)["incomplete"] is False
    assert await inbox.waiting() == 0
    assert inbox.counts == {"part": 3, "repeated": 3, "received": 1}


async def test_parts_of_unicode_are_joined_before_they_are_read(inbox: Inbox) -> None:
    """A pair of surrogates over two parts; the parts are told by TLVs."""
    octets = "😀!".encode("utf-16-be")
    await inbox.come(octets[2:], data_coding=8, sar=(500, 2, 2))
    await inbox.come(octets[:2], data_coding=8, sar=(500, 2, 1))
    (message,) = await inbox.messages()
    assert (message.text, message.encoding) == ("😀!", "ucs2")


async def test_what_does_not_come_in_time_is_given_out_incomplete(inbox: Inbox) -> None:
    """Never; and what comes too late is kept and told as well."""
    await inbox.parts(1, 3)
    assert await inbox.desk.sweep(inbox.node.clock.now_ms()) == 0
    inbox.node.clock.advance(601)
    assert await inbox.desk.sweep(inbox.node.clock.now_ms()) == 1
    (message,) = await inbox.messages()
    assert (message.text, message.segments, sms_view(message)["incomplete"]) == ("aaaacccc", 2, True)
    await inbox.parts(2)
    assert len(await inbox.messages()) == 1
    inbox.node.clock.advance(601)
    await inbox.desk.sweep(inbox.node.clock.now_ms())
    assert await inbox.texts() == ["aaaacccc", "bbbb"]
    assert inbox.counts["incomplete"] == 2


@pytest.mark.parametrize("failing", ["read", "write"])
async def test_complete_parts_wait_for_a_store_that_is_away_and_not_for_the_sweep(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    """Every part was acknowledged, so no carrier hands one over again."""
    monkeypatch.setattr("onesixty.messages.inbound.AGAIN", 0.01)
    await inbox.parts(1, 2)
    store, refused = inbox.node.store, 0

    def away() -> bool:
        nonlocal refused
        refused += 1
        return refused <= 3

    async def read(statement: str, **params: object) -> list[Any]:
        if failing == "read" and statement == "inbound_parts_of" and away():
            raise Unavailable("gone")
        return await store._store.fetch(statement, **params)

    def refuse(unit: Unit) -> Result | None:
        joins = any(name == "inbound_parts_delete" for name, _ in unit.guards)
        return Unavailable("gone") if failing == "write" and joins and away() else None

    store.fetch, store.refuse = read, refuse
    await inbox.parts(3)
    assert inbox.acks == [True, True, True]
    await wait_until_async(inbox.messages, what="the message")
    assert await inbox.texts() == ["aaaabbbbcccc"]
    assert refused == 4


async def test_complete_parts_left_by_a_crash_are_joined_at_the_start(inbox: Inbox) -> None:
    """Killed between the last part and the message."""

    def crash(point: str) -> None:
        if point == "inbound.before_join":
            raise RuntimeError("killed")

    await inbox.parts(1, 2)
    inbox.node.faults = crash
    await inbox.parts(3)
    assert inbox.acks == [True, True, True]
    assert await inbox.messages() == []
    inbox.node.faults = lambda name: None
    await Inbox(inbox.node, lease=2).desk.recover()
    assert await inbox.texts() == ["aaaabbbbcccc"]


async def test_two_nodes_that_join_the_same_parts_make_one_message(
    engine_url: str, new_node: NewNode
) -> None:
    node = await new_node(engine_url)
    inbox, other = Inbox(node), Inbox(node, lease=2)

    def crash(point: str) -> None:
        if point == "inbound.before_join":
            raise RuntimeError("killed")

    node.faults = crash
    await inbox.parts(1, 2, 3)
    node.faults = lambda name: None
    await asyncio.gather(inbox.desk.recover(), other.desk.recover())
    assert await inbox.texts() == ["aaaabbbbcccc"]


async def test_a_part_waits_sealed_and_its_digest_cannot_be_guessed(
    engine_url: str, new_node: NewNode
) -> None:
    """Nor can that of a whole message. A carrier's own id follows from nothing that was said."""
    inbox = Inbox(await new_node(engine_url))
    store = inbox.node.store
    await inbox.parts(2)
    await inbox.come(b"482931")
    await inbox.come(b"482931", carrier_message_id="m1")
    (place,) = await store.fetch("inbound_places")
    (row,) = map(PARTS.read, await store.fetch("inbound_parts_of", places=[place[0]]))
    assert "bbbb" not in row.part
    assert is_sealed(row.part)
    unkeyed = {
        content_digest("part", row.place, "3", "2", b"bbbb"),
        content_digest("content", "car_a", HANDSET, OURS, b"", b"482931"),
    }
    by_id = content_digest("id", "car_a", "m1", OURS)
    seen = {name: await seen_before(store, name) for name in (*unkeyed, row.digest, by_id)}
    assert seen == dict.fromkeys(unkeyed, False) | {row.digest: True, by_id: True}


async def test_rows_of_an_earlier_release_end_as_they_would_have(inbox: Inbox) -> None:
    """A part that waits plain is joined and an id is known. A content without a key is no longer known: it matches
    nothing and goes when its time is up, so a carrier that repeats a message because of the upgrade itself has it
    stored a second time, and nothing is lost."""
    store, now = inbox.node.store, inbox.node.clock.now_ms()
    udh = text.concat_udh(7, 2, 1)
    first = InboundMessage(
        carrier_id="car_a", sender=HANDSET, recipient=OURS, payload=b"aaaa", udh=udh, data_coding=0,
        received_at=now,
    )  # fmt: skip
    place = place_key(Place(7, 2, 1, 8), "car_a", HANDSET, OURS)
    waiting = WaitingPart(
        id="prt_1", place=place, total=2, number=1, digest=content_digest("part", place, "2", "1", b"aaaa"),
        part=msgspec.json.encode(first).decode(), received_at=now, due_at=now + 600_000,
    )  # fmt: skip
    content = content_digest("content", "car_a", HANDSET, OURS, b"", b"Hi")
    by_id = content_digest("id", "car_a", "m1", OURS)
    writes = (
        ("inbound_parts_insert", PARTS.values(waiting)),
        ("inbound_seen", (content, "1:1", now, now + 60_000)),
        ("inbound_seen", (by_id, "", now, now + SAME_ID_MS)),
    )
    await store.commit([Unit((f"old {n}",), writes=(write,)) for n, write in enumerate(writes)])
    await inbox.come(b"bbbb", udh=text.concat_udh(7, 2, 2))
    await inbox.come(b"Hi", session="2")
    await inbox.come(b"Hi", session="2", carrier_message_id="m1")
    assert await inbox.texts() == ["aaaabbbb", "Hi"]
    inbox.node.clock.advance(61)
    await store.execute("inbound_seen_expire", now=inbox.node.clock.now_ms())
    assert not await seen_before(store, content)


async def test_a_part_whose_secret_is_lost_counts_as_one_that_never_came(inbox: Inbox) -> None:
    """`onesixty secret reset` empties it; one that was changed does not open."""
    await inbox.parts(1, 2)
    store = inbox.node.store
    (place,) = await store.fetch("inbound_places")
    rows = [PARTS.read(row) for row in await store.fetch("inbound_parts_of", places=[place[0]])]
    emptied = ("inbound_parts_reseal_part", (rows[0].id, rows[0].part, PARTS.lost))
    await store.commit([Unit(("reset",), (emptied,))])
    await inbox.parts(3)
    assert await inbox.texts() == []
    inbox.node.clock.advance(601)
    await inbox.desk.sweep(inbox.node.clock.now_ms())
    assert await inbox.texts() == ["bbbbcccc"]
    assert await inbox.waiting() == 0


async def seen_before(store: Any, digest: str) -> bool:
    """Whether a row has this digest: the guard of one more is then lost."""
    (taken,) = await store.commit([Unit(("look",), (("inbound_seen", (digest, "", 0, 0)),))])
    if taken:
        await store.execute("inbound_seen_expire", now=0)
    return not taken


async def test_number_and_keyword_decide_whose_it_is(inbox: Inbox) -> None:
    await inbox.numbers.add(OURS, Tenant("acc_two", True))
    await inbox.numbers.add("40404", Tenant("acc_three", False), keywords=["join"])
    await inbox.come()
    await inbox.come(b"Join us", recipient="40404")
    await inbox.come(b"What?", recipient="40404")
    await inbox.come(b"from the sandbox", conversation=Tenant("acc_four", True))
    assert [m.text for m in await inbox.messages("acc_two", True)] == ["Hi"]
    assert [m.text for m in await inbox.messages("acc_three")] == ["Join us"]
    assert await inbox.texts() == ["What?"]
    assert [m.text for m in await inbox.messages("acc_four", True)] == ["from the sandbox"]


async def test_octets_and_whole_texts_of_http_are_taken(inbox: Inbox) -> None:
    await inbox.come(b"\x00\x01\xff", data_coding=4)
    await inbox.come(b"", text="Ωmega\0\ud800 " * 40, carrier_message_id="x")
    binary, whole = await inbox.messages()
    assert (binary.text, binary.encoding) == ("AAH/", "binary")
    assert whole.segments > 1
    assert whole.text.startswith("Ωmega\ufffd? ")


async def test_redaction_takes_the_sender(engine_url: str, new_node: NewNode) -> None:
    """Of what came in the sender is the person."""
    node = await new_node(engine_url)
    inbox = Inbox(node)
    await inbox.come(b"my secret")
    (message,) = await inbox.messages()
    redacted = await node.control.redact(Tenant(ACCOUNT, False), message.id)
    assert (redacted.text, redacted.sender, redacted.recipient) == ("", "", OURS)
    data = str(await node.store.fetch("events_bodies", ids=[(await _event_id(node, message))]))
    assert HANDSET[1:] not in data
    assert "secret" not in data


async def _event_id(node: Node, message: Message) -> str:
    return str((await node.store.fetch("events_of_message", message_id=message.id))[0][0])


async def test_rows_of_a_message_are_what_is_read_back(inbox: Inbox) -> None:
    await inbox.come()
    (message,) = await inbox.messages()
    assert from_row((await inbox.node.store.fetch("messages_by_id", ids=[message.id]))[0]) == message
