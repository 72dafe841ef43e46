"""What people ask about messages, on both engines."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.messages.queries import Filters
from onesixty.store import migrations
from onesixty.store.sqlite import MemoryDatabase
from onesixty.store.statements import load
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
        ({"status": "scheduled"}, ["m2"]),
        ({"status": "delivered"}, []),
        ({"to": "+15551230000"}, ["m0"]),
        ({"sender": "Other"}, ["m1"]),
        ({"reference": "r0"}, ["m0"]),
        ({"batch_id": "bat_1"}, ["m1"]),
        ({"batch_id": "bat_1", "status": "delivered"}, []),
        ({"batch_id": "bat_1", "reference": "r0"}, []),
        ({"reference": "r0", "tag": "b"}, []),
        ({"campaign_id": "cmp_1"}, []),
        ({"country": "US"}, ["m2", "m1", "m0"]),
        ({"country": "DE"}, []),
        ({"class_": "transactional"}, ["m2", "m1", "m0"]),
        ({"class_": "otp"}, []),
        ({"error_code": "canceled"}, []),
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


async def test_what_was_said_and_is_empty_finds_what_is_empty(engine_url: str, new_node: NewNode) -> None:
    """`?batch_id=` of a script whose variable is empty is not the same as no filter at all."""
    node = await new_node(engine_url)
    await node.send("one", tags=["a", "b"], reference="r")
    for name in ("to", "sender", "tag", "reference", "batch_id", "campaign_id", "country", "error_code"):
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
        await node.queries.history(Tenant("acc_two", False), message.id, operator=True)


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
    history = await node.queries.history(Tenant(ACCOUNT, False), message.id, operator=True)
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
    history = await node.queries.history(Tenant(ACCOUNT, False), message.id, operator=False)
    assert "car_a" not in str(history)
    assert "raw" not in str(history)
    assert history["data"][1]["segment"] == 1


def test_a_batch_or_a_reference_is_found_by_its_own_index() -> None:
    """A tenant's list reads through all of an account only where no index knows better."""
    database = MemoryDatabase()
    migrations.migrate_connection(database.connection)
    statements = load(["onesixty.messages"])
    for name, index in (
        ("messages_list", "messages_account"),
        ("messages_list_batch", "messages_batch"),
        ("messages_list_reference", "messages_reference"),
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
    monkeypatch.setattr("onesixty.messages.queries.SLICE", 4)
    monkeypatch.setattr("onesixty.messages.queries.SLICES", 2)
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
