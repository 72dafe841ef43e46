"""What people ask about messages, on both engines."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from onesixty.core import ids
from onesixty.core.errors import Problem
from onesixty.core.message import Change, Message
from onesixty.core.tenant import Reach, Tenant
from onesixty.messages.batches import Batch, Batches, BatchFilters
from onesixty.messages.queries import Filters, Place
from onesixty.store import migrations
from onesixty.store.sqlite import MemoryDatabase
from onesixty.store.statements import load
from onesixty.store.units import Unit
from tests.support.message_path import ACCOUNT, Node

NewNode = Callable[..., Awaitable[Node]]


async def find(node: Node, account: str = ACCOUNT, test: bool = False, **filters: Any) -> list[str]:
    found, _ = await node.queries.find(Tenant(account, test), Filters(**filters), 100, None)
    return [message.text for message in found]


async def test_lists_are_narrowed_by_every_filter(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url)
    node.carrier.connected = False
    await node.send("m0", recipient="+15551230000", reference="r0", tags=["a", "50%"])
    node.clock.advance(10)
    middle = node.clock.now_ms()
    await node.send("m1", sender="Other", tags=["505", "A_b", 'quo"te'], batch_id="bat_1")
    await node.send("m2", scheduled_at=node.clock.now_ms() + 60_000, tags=["AxB", "back\\slash"])
    await node.send("other", account_id="acc_two")
    for filters, expected in [
        ({}, ["m2", "m1", "m0"]),
        ({"statuses": ("scheduled",)}, ["m2"]),
        ({"statuses": ("scheduled", "queued")}, ["m2", "m1", "m0"]),
        ({"statuses": ("delivered",)}, []),
        ({"to": "+15551230000"}, ["m0"]),
        ({"number_part": "1230000"}, ["m0"]),
        ({"number_part": "999999"}, []),
        ({"reference_prefix": "r"}, ["m0"]),
        ({"reference_prefix": "0"}, []),
        ({"reference_prefix": "%"}, []),
        ({"oldest_first": True}, ["m0", "m1", "m2"]),
        ({"oldest_first": True, "created_after": middle}, ["m1", "m2"]),
        ({"oldest_first": True, "created_before": middle}, ["m0"]),
        ({"oldest_first": True, "batch_id": "bat_1"}, ["m1"]),
        ({"oldest_first": True, "reference": "r0"}, ["m0"]),
        ({"sender": "Other"}, ["m1"]),
        ({"sender_prefix": "Oth"}, ["m1"]),
        ({"sender_prefix": "ther"}, []),
        ({"sender_shown": "Other"}, ["m1"]),
        ({"sender_shown": "ther"}, []),
        ({"network": "26201"}, []),
        ({"network": ""}, ["m2", "m1", "m0"]),
        ({"carrier_id": "car_a"}, ["m2", "m1", "m0"]),
        ({"carrier_id": "car_z"}, []),
        ({"route_id": "rte_z"}, []),
        ({"updated_after": 0}, ["m2", "m1", "m0"]),
        ({"updated_after": middle}, ["m2", "m1"]),
        ({"reference": "r0"}, ["m0"]),
        ({"batch_id": "bat_1"}, ["m1"]),
        ({"batch_id": "bat_1", "statuses": ("delivered",)}, []),
        ({"batch_id": "bat_1", "reference": "r0"}, []),
        ({"reference": "r0", "tag": "b"}, []),
        ({"campaign_id": "cmp_1"}, []),
        ({"country": "US"}, ["m2", "m1", "m0"]),
        ({"country": "DE"}, []),
        ({"class_": "transactional"}, ["m2", "m1", "m0"]),
        ({"class_": "otp"}, []),
        ({"error_code": "canceled"}, []),
        ({"error_code": ""}, ["m2", "m1", "m0"]),
        ({"direction": "outbound"}, ["m2", "m1", "m0"]),
        ({"direction": "inbound"}, []),
        ({"created_after": middle}, ["m2", "m1"]),
        ({"created_before": middle}, ["m0"]),
        ({"tag": "a"}, ["m0"]),
        ({"tag": "A"}, []),
        ({"tag": "50%"}, ["m0"]),
        ({"tag": "A_b"}, ["m1"]),
        ({"tag": 'quo"te'}, ["m1"]),
        ({"tag": "back\\slash"}, ["m2"]),
        ({"tag": "505", "sender": "Other"}, ["m1"]),
        ({"tag": "505", "sender": "Acme"}, []),
    ]:
        assert await find(node, **filters) == expected, filters
    assert await find(node, "acc_two") == ["other"]
    assert await find(node, test=True) == []


async def test_the_time_of_a_message_counts_and_not_that_of_its_id(
    engine_url: str, new_node: NewNode
) -> None:
    """An id is made some milliseconds after its time, and in a batch seconds before it."""
    node = await new_node(engine_url)
    node.carrier.connected = False
    now = node.clock.now_ms()
    orders = [
        node.order(
            text,
            message_id=ids.derived(ids.MESSAGE, ids.lowest_at(ids.BATCH, now + ms), 0),
            batch_id="bat_1",
            reference="r",
        )
        for text, ms in (("early", -5_000), ("late", 500))
    ]
    early, late = await node.intake.accept(orders)
    assert isinstance(early, Message)
    assert isinstance(late, Message)
    at = early.created_at
    assert ids.made_at(early.id) < at == late.created_at < ids.made_at(late.id)
    for narrowed in ({}, {"batch_id": "bat_1"}, {"reference": "r"}):
        for oldest_first in (False, True):
            filters = {**narrowed, "oldest_first": oldest_first}
            expected = ["early", "late"] if oldest_first else ["late", "early"]
            assert await find(node, **filters, created_after=at, created_before=at + 1) == expected, filters
            assert await find(node, **filters, created_before=at) == [], filters
            assert await find(node, **filters, created_after=at + 1) == [], filters
    for reach in (Tenant(ACCOUNT, False), Reach(None, False)):
        for within, expected_count in (
            (Filters(created_after=at, created_before=at + 1), {"queued": 2}),
            (Filters(created_before=at), {}),
            (Filters(created_after=at + 1), {}),
        ):
            counted = (expected_count, None)
            assert await node.queries.counts(reach, within, None) == counted, (reach, within)


async def test_the_time_of_a_batch_counts_and_not_that_of_its_id(engine_url: str, new_node: NewNode) -> None:
    """The id is made some milliseconds after the time was read."""
    node = await new_node(engine_url)
    batches = Batches(node.context, intake=node.intake, control=node.control)
    at = node.clock.now_ms()
    id_ = ids.derived(ids.BATCH, ids.lowest_at(ids.BATCH, at + 3), 0)
    row = Batch(id=id_, account_id=ACCOUNT, test=False, size=1, created_at=at)
    await node.store.commit([Unit((id_,), writes=(("batch_insert", msgspec.structs.astuple(row)),))])
    for reach in (Tenant(ACCOUNT, False), Reach(None, False)):
        for oldest_first in (False, True):
            for span, expected in (
                ({"created_after": at, "created_before": at + 1}, [row]),
                ({"created_before": at}, []),
                ({"created_after": at + 1}, []),
            ):
                filters = BatchFilters(oldest_first=oldest_first, **span)
                assert await batches.find(reach, filters, 10, None) == (expected, None), (reach, filters)


async def test_what_was_said_and_is_empty_finds_what_is_empty(engine_url: str, new_node: NewNode) -> None:
    """`?batch_id=` of a script whose variable is empty is not the same as no filter at all."""
    node = await new_node(engine_url)
    await node.send("one", tags=["a", "b"], reference="r")
    for name in ("to", "sender", "tag", "reference", "batch_id", "campaign_id", "country"):
        found, _ = await node.queries.find(Tenant(ACCOUNT, False), Filters(**{name: ""}), 10, None)
        assert found == [], name


async def test_a_tag_is_found_as_a_whole(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url)
    tags = ["a", "b", '15"screen', "x,", ",z", "\\", "é", "[]"]
    await node.send("all", tags=tags)
    for tag in (*tags, ",", '","', "screen", '"a"', "A", "a,b", '\\"', "%"):
        found, _ = await node.queries.find(Tenant(ACCOUNT, False), Filters(tag=tag), 10, None)
        assert [message.text for message in found] == (["all"] if tag in tags else []), tag


async def test_pages_join_to_the_whole(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url)
    node.carrier.connected = False
    await node.intake.accept([node.order(f"m{n}") for n in range(25)])
    seen: list[str] = []
    after, pages = None, 0
    while True:
        found, after = await node.queries.find(Tenant(ACCOUNT, False), Filters(), 10, after)
        seen += [message.text for message in found]
        pages += 1
        if after is None:
            break
        await node.send("new while paging")
    assert seen == [f"m{n}" for n in reversed(range(25))]
    assert pages == 3
    found, after = await node.queries.find(Tenant(ACCOUNT, False), Filters(tag="none"), 10, None)
    assert (found, after) == ([], None)


async def test_everybody_gets_only_what_is_his(node: Node) -> None:
    message = await node.send()
    assert (await node.queries.get(Tenant(ACCOUNT, False), message.id)) is not None
    assert await node.queries.get(Tenant("acc_two", False), message.id) is None
    assert await node.queries.get(Tenant(ACCOUNT, True), message.id) is None
    with pytest.raises(Problem, match="not_found"):
        await node.histories.history(Tenant("acc_two", False), message.id, operator=True)


async def lived(node: Node) -> Message:
    message = await node.sent()
    node.clock.advance(1)
    await node.receipts(("car_a-1", 1))
    node.clock.advance(1)
    await node.receipts(("car_a-1", 2))
    return message


async def test_the_history_tells_how_it_came_to_where_it_is(engine_url: str, new_node: NewNode) -> None:
    """Promise 2: a time-stamped history of how."""
    node = await new_node(engine_url)
    message = await lived(node)
    history = await node.histories.history(Tenant(ACCOUNT, False), message.id, operator=True)
    assert history["status"] == "delivered"
    entries = history["data"]
    assert [entry["type"] for entry in entries] == [
        "accepted", "attempt", "message.sent", "receipt", "receipt", "message.delivered",
    ]  # fmt: skip
    assert [entry["at"] for entry in entries] == sorted(entry["at"] for entry in entries)
    assert entries[1]["carrier_message_id"] == "car_a-1"
    assert [entries[3]["state"], entries[4]["state"]] == ["ENROUTE", "DELIVRD"]
    assert [entries[2]["sequence"], entries[5]["sequence"]] == [1, 2]


async def test_customers_see_no_carriers(node: Node) -> None:
    message = await lived(node)
    history = await node.histories.history(Tenant(ACCOUNT, False), message.id, operator=False)
    assert "car_a" not in str(history)
    assert "raw" not in str(history)
    assert history["data"][1]["segment"] == 1


async def test_messages_that_were_sent_twice_perhaps_are_found(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url)
    node.carrier.connected = False
    for text, account_id in [
        ("once", ACCOUNT),
        ("twice", ACCOUNT),
        ("thrice", ACCOUNT),
        ("other", "acc_two"),
    ]:
        message = await node.send(text, account_id=account_id, batch_id="bat_1", reference="r")
        if text != "once":
            again = msgspec.structs.replace(message, duplicates=1, version=message.version + 1)
            change = Change(before=message, after=again, event=None, at=node.clock.now_ms())
            assert await node.store.commit([node.recorder.change(change)]) == [True]
    tenant, every = Tenant(ACCOUNT, False), Reach(None, False)
    for narrowed in ({}, {"batch_id": "bat_1"}, {"reference": "r"}):
        assert await find(node, **narrowed, duplicates=True) == ["thrice", "twice"], narrowed
        assert await find(node, **narrowed, duplicates=True, oldest_first=True) == ["twice", "thrice"], (
            narrowed
        )
        assert await find(node, **narrowed, duplicates=False) == ["once"], narrowed
        twice = Filters(**narrowed, duplicates=True)
        assert await node.queries.counts(tenant, twice, None) == ({"queued": 2}, None), narrowed
        assert await node.queries.counts(every, twice, None) == ({"queued": 3}, None), narrowed
        found, _ = await node.queries.find(every, twice, 10, None)
        assert [message.text for message in found] == ["other", "thrice", "twice"], narrowed
    assert await find(node, duplicates=True, tag="a") == []
    assert await find(node, duplicates=True, test=True) == []
    first, after = await node.queries.find(every, Filters(duplicates=True, oldest_first=True), 1, None)
    rest, end = await node.queries.find(every, Filters(duplicates=True, oldest_first=True), 10, after)
    assert [message.text for message in (*first, *rest)] == ["twice", "thrice", "other"]
    assert end is None


def test_a_batch_or_a_reference_is_found_by_its_own_index() -> None:
    """A tenant's list reads through all of an account only where no index knows better."""
    database = MemoryDatabase()
    migrations.migrate_connection(database.connection)
    statements = load(["onesixty.messages"])
    for name, index in (
        ("messages_list", "messages_account"),
        ("messages_list_batch", "messages_batch"),
        ("messages_list_reference", "messages_reference"),
        ("messages_list_repeated", "messages_repeated "),
        ("messages_list_repeated_oldest", "messages_repeated "),
        ("messages_slice_repeated", "messages_repeated "),
        ("messages_counts_repeated", "messages_repeated "),
        ("messages_list_repeated_all", "messages_repeated_all "),
        ("messages_list_repeated_all_oldest", "messages_repeated_all "),
        ("messages_slice_repeated_all", "messages_repeated_all "),
        ("messages_counts_repeated_all", "messages_repeated_all "),
        ("batch_counts", "messages_batch"),
        ("batch_waiting", "messages_batch"),
        ("batches_list", "batches_account"),
    ):
        statement = statements[name]
        plan = database.connection.execute(
            f"EXPLAIN QUERY PLAN {statement.sqlite}", (None,) * len(statement.params)
        ).fetchall()
        assert [step for *_, step in plan if index in step], (name, plan)
        if name != "messages_list_reference":  # few have the same: those are sorted
            assert not [step for *_, step in plan if "TEMP B-TREE FOR ORDER" in step], (name, plan)
    database.close()


async def test_a_page_of_a_rare_filter_is_short_and_goes_on(
    engine_url: str, new_node: NewNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read looks at a limited number of messages; the cursor says from where to look on."""
    monkeypatch.setattr("onesixty.store.slices.SLICE", 4)
    monkeypatch.setattr("onesixty.store.slices.SLICES", 2)
    node = await new_node(engine_url)
    node.carrier.connected = False
    orders = [node.order(f"m{n}", tags=("rare",) if n in (3, 20) else ()) for n in range(25)]
    await node.intake.accept(orders)
    seen: list[list[str]] = []
    after = None
    while True:
        found, after = await node.queries.find(Tenant(ACCOUNT, False), Filters(tag="rare"), 10, after)
        seen.append([message.text for message in found])
        if after is None:
            break
    assert seen == [["m20"], [], ["m3"]]
    found, after = await node.queries.find(Tenant(ACCOUNT, False), Filters(tag="rare"), 1, None)
    assert [message.text for message in found] == ["m20"]
    assert after is not None


@pytest.mark.parametrize("oldest_first", [False, True])
async def test_pages_join_in_both_orders_and_slices(
    engine_url: str, new_node: NewNode, monkeypatch: pytest.MonkeyPatch, oldest_first: bool
) -> None:
    monkeypatch.setattr("onesixty.store.slices.SLICE", 3)
    monkeypatch.setattr("onesixty.store.slices.SLICES", 2)
    node = await new_node(engine_url)
    node.carrier.connected = False
    for place in range(17):
        await node.send(f"m{place:02}", reference="wanted" if place % 5 == 0 else f"r{place}")
        node.clock.advance(1)
    for filters, expected in (
        (Filters(oldest_first=oldest_first), [f"m{place:02}" for place in range(17)]),
        (
            Filters(oldest_first=oldest_first, reference_prefix="want"),
            [f"m{place:02}" for place in range(0, 17, 5)],
        ),
    ):
        texts, after = [], None
        while True:
            page, after = await node.queries.find(Tenant(ACCOUNT, False), filters, 2, after)
            texts += [message.text for message in page]
            if after is None:
                break
        assert texts == (expected if oldest_first else expected[::-1])


async def test_counts_by_status_go_on_where_a_call_ended(
    engine_url: str, new_node: NewNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onesixty.store.slices.SLICE", 3)
    monkeypatch.setattr("onesixty.store.slices.SLICES", 2)
    node = await new_node(engine_url)
    node.carrier.connected = False
    for place in range(11):
        later = {"scheduled_at": node.clock.now_ms() + 60_000} if place % 3 == 0 else {}
        await node.send(f"m{place}", reference=f"r{place % 2}", **later)
    await node.send("other", account_id="acc_two")
    found: dict[str, int] = {}
    after, calls = None, 0
    while True:
        counts, after = await node.queries.counts(Tenant(ACCOUNT, False), Filters(), after)
        calls += 1
        for status, count in counts.items():
            found[status] = found.get(status, 0) + count
        if after is None:
            break
    assert found == {"queued": 7, "scheduled": 4}
    assert calls > 1
    some, _ = await node.queries.counts(Tenant(ACCOUNT, False), Filters(reference="r1", batch_id=None), None)
    assert sum(some.values()) <= 6


async def walked(node: Node, oldest_first: bool, place: Place) -> tuple[list[str], str | None, str | None]:
    filters = Filters(oldest_first=oldest_first)
    found, next_, previous = await node.queries.page(Tenant(ACCOUNT, False), filters, 3, place)
    return [message.text for message in found], next_, previous


@pytest.mark.parametrize("oldest_first", [False, True])
async def test_pages_lead_forward_and_back(node: Node, oldest_first: bool) -> None:
    node.carrier.connected = False
    for number in range(8):
        await node.send(f"m{number}")
        node.clock.advance(1)
    order = [f"m{number}" for number in (range(8) if oldest_first else reversed(range(8)))]
    first, next_, previous = await walked(node, oldest_first, Place())
    assert (first, previous) == (order[:3], None)
    second, next_, previous = await walked(node, oldest_first, Place(after=next_))
    assert second == order[3:6]
    third, end, back = await walked(node, oldest_first, Place(after=next_))
    assert (third, end) == (order[6:], None)
    again, _, back = await walked(node, oldest_first, Place(before=back))
    assert again == order[3:6]
    again, forward, back = await walked(node, oldest_first, Place(before=back))
    assert (again, back) == (order[:3], None)
    assert (await walked(node, oldest_first, Place(after=forward)))[0] == order[3:6]


async def test_a_list_begins_at_a_time_and_leads_to_both_sides(node: Node) -> None:
    node.carrier.connected = False
    sent = []
    for number in range(6):
        sent.append(await node.send(f"m{number}"))
        node.clock.advance(10)
    at = sent[3].created_at
    earlier, _, previous = await walked(node, False, Place(at=at))
    assert earlier == ["m3", "m2", "m1"]
    later, _, _ = await walked(node, False, Place(before=previous))
    assert later == ["m5", "m4"]
    assert (await walked(node, True, Place(at=at)))[0] == ["m3", "m4", "m5"]
    nothing, next_, previous = await walked(node, True, Place(at=node.clock.now_ms()))
    assert (nothing, next_) == ([], None)
    assert (await walked(node, True, Place(before=previous)))[0] == ["m3", "m4", "m5"]


async def test_a_message_is_found_by_the_id_of_its_carrier_and_of_its_event(
    engine_url: str, new_node: NewNode
) -> None:
    node = await new_node(engine_url)
    message = await lived(node)
    find = node.queries.of_carrier_ids
    assert [one.id for one in await find(["car_a"], "CAR_A-1", 10)] == [message.id]
    assert await find(["car_b"], "car_a-1", 10) == []
    assert await find([], "car_a-1", 10) == []
    assert await find(["car_a"], "", 10) == []
    history = await node.histories.history(Tenant(ACCOUNT, False), message.id, operator=False)
    event_id = next(entry["event_id"] for entry in history["data"] if "event_id" in entry)
    assert await node.queries.message_of_event(Tenant(ACCOUNT, False), event_id) == message.id
    assert await node.queries.message_of_event(Tenant("acc_two", False), event_id) is None
