"""What the rules look at: bounded samples, and silence where too little is known."""

from __future__ import annotations

from typing import Any

import pytest

from onesixty.alerts import success
from onesixty.alerts.rules import Reading
from onesixty.alerts.signals import Parts, Signals
from onesixty.core.contracts import CarrierState
from onesixty.core.message import Message, insertion
from onesixty.store.units import Unit
from onesixty.verify.counting import COUNTED, UNSENT
from tests.alerts.conftest import World

MINUTE = 60_000


class Node:
    """The parts of a node as a test sets them."""

    def __init__(self) -> None:
        self.carriers: dict[str, CarrierState] = {}
        self.outcomes: dict[tuple[str, str], int] = {}
        self.queued: dict[str, int | None] = {}
        self.paused: list[str] = []
        self.strays: dict[str, int] = {}
        self.limits: list[tuple[str, float]] = []

    async def oldest(self) -> dict[str, int | None]:
        return self.queued

    def parts(self) -> Parts:
        return Parts(
            carriers=lambda: self.carriers,
            outcomes=lambda: self.outcomes,
            queued=self.oldest,
            strays=lambda: self.strays,
            paused_webhooks=lambda: self.paused,
            limits=lambda: self.limits,
            name=lambda carrier_id: carrier_id.removeprefix("car_"),
        )


async def readings(world: World, node: Node) -> dict[tuple[str, str], float]:
    found = await Signals(world.store, world.clock, node.parts()).read()
    return {(reading.rule, reading.subject): reading.value for reading in found}


def state(bound: int, binds: int = 2) -> CarrierState:
    return CarrierState(connected=bound > 0, binds=binds, binds_bound=bound, in_flight=0, window=10)


async def put(world: World, count: int, **fields: Any) -> None:
    units = []
    for _ in range(count):
        base: dict[str, Any] = {
            "id": world.ids.new("msg"), "account_id": "acc_1", "test": False, "sender": "Brand",
            "recipient": "+4915112345678", "text": "Hi", "encoding": "gsm7", "segments": 1, "class_": "otp",
            "country": "DE", "created_at": world.clock.ms, "expires_at": world.clock.ms + 300_000,
            "status": "sent", "carrier_id": "car_acme", "sent_at": world.clock.ms,
        }  # fmt: skip
        message = Message(**(base | fields))
        units.append(Unit((message.id,), writes=(insertion(message),)))
    assert set(await world.store.commit(units)) == {True}


async def test_binds(world: World) -> None:
    node = Node()
    node.carriers = {"none": state(0), "some": state(1), "all": state(2), "without": state(0, 0)}
    found = await readings(world, node)
    assert found == {
        ("carrier_down", "none"): 0, ("carrier_down", "some"): 1, ("bind_down", "some"): 1,
        ("carrier_down", "all"): 2, ("bind_down", "all"): 0, ("carrier_down", "without"): 1,
        ("statistics_behind", "statistics"): 0,
    }  # fmt: skip


async def test_the_share_of_receipts_is_by_carrier_and_network(world: World) -> None:
    await put(world, 30, status="delivered")
    await put(world, 10, status="undelivered")
    await put(world, 20, status="sent")
    await put(world, 50, status="delivered", network="26202")
    await put(world, 49, status="sent", country="FR")
    world.clock.turn(20 * 60)
    await put(world, 100, status="sent")  # too young for a report
    found = await readings(world, Node())
    assert {key: value for key, value in found.items() if key[0] == "receipts_fall"} == {
        ("receipts_fall", "acme to DE"): 40 / 60,
        ("receipts_fall", "acme to 26202"): 1.0,
    }
    world.clock.turn(60 * 60)
    found = await readings(world, Node())
    assert ("receipts_fall", "acme to 26202") not in found, "that was long ago"


async def test_the_share_of_refusals_is_that_of_the_last_minutes(world: World) -> None:
    node = Node()
    signals = Signals(world.store, world.clock, node.parts())
    node.outcomes = {("acme", "accepted"): 1000, ("acme", "permanent"): 500}
    await signals.read()
    node.outcomes = {("acme", "accepted"): 1060, ("acme", "permanent"): 519}
    world.clock.turn(60)
    assert [reading for reading in await signals.read() if reading.rule == "error_spike"] == []
    node.outcomes = {("acme", "accepted"): 1060, ("acme", "permanent"): 520, ("bell", "permanent"): 3}
    world.clock.turn(60)
    (found,) = [reading for reading in await signals.read() if reading.rule == "error_spike"]
    assert found == Reading("error_spike", "acme", 20 / 80)
    world.clock.turn(301)
    await signals.read()
    world.clock.turn(1)
    assert [reading for reading in await signals.read() if reading.rule == "error_spike"] == []


async def test_the_oldest_message_of_each_carrier_has_an_age(world: World) -> None:
    node = Node()
    node.queued = {"car_acme": world.clock.ms - 200_000, "car_bell": None}
    found = await readings(world, node)
    assert (found["oldest_queued", "acme"], found["oldest_queued", "bell"]) == (200, 0)


async def test_unmatched_receipts_count_when_they_are_old_enough(world: World) -> None:
    rows = [
        (world.ids.new("rcp"), "car_acme", "x", "x", 2, None, None, None, "raw", world.clock.ms, None, None, None,
         None, None, 0, None, world.clock.ms + MINUTE)
        for _ in range(3)
    ]  # fmt: skip
    await world.store.commit([Unit((row[0],), writes=(("receipt_insert", row),)) for row in rows])
    node = Node()
    node.queued = {"car_acme": None, "car_bell": None}
    assert (await readings(world, node))["receipts_unmatched", "acme"] == 0
    world.clock.turn(301)
    found = await readings(world, node)
    assert (found["receipts_unmatched", "acme"], found["receipts_unmatched", "bell"]) == (3, 0)


async def test_what_was_in_nobodys_hands_is_told_for_five_minutes(world: World) -> None:
    node = Node()
    signals = Signals(world.store, world.clock, node.parts())

    async def strays() -> list[float]:
        return [reading.value for reading in await signals.read() if reading.rule == "strays"]

    assert await strays() == []
    node.strays = {"memory": 2}
    assert await strays() == [2]
    world.clock.turn(200)
    assert await strays() == [2]
    world.clock.turn(200)
    assert await strays() == [0]


async def test_stops_of_guards_that_concern_many_are_counted(world: World) -> None:
    for place, (guard, ends_at, released_at) in enumerate(
        [
            ("burst", MINUTE, None),
            ("burst", MINUTE, None),
            ("burst", MINUTE, 0),
            ("budget", -1, None),
            ("address", MINUTE, None),
        ]
    ):
        await world.store.execute(
            "verify_blocks_insert", id=f"vbl_{place}", account_id="acc_1", test=0, profile_id=None, guard=guard,
            key=f"key {place}", subject="DE", action="hold", reason="", lasting=0, strikes=1, version=1,
            created_at=world.clock.ms, ends_at=world.clock.ms + ends_at, released_at=released_at,
        )  # fmt: skip
    found = await readings(world, Node())
    assert {key: value for key, value in found.items() if key[0] == "verify_stopped"} == {
        ("verify_stopped", "burst"): 2
    }


async def test_the_success_of_each_profile_is_compared_with_its_own_past(world: World) -> None:
    async def hour(profile: str, ago: int, started: int, approved: int, **fields: int) -> None:
        counts = dict.fromkeys((*COUNTED, UNSENT), 0) | {"started": started, "approved": approved}
        begins = world.clock.ms // success.HOUR_MS * success.HOUR_MS - ago * success.HOUR_MS
        await world.store.execute(
            "verify_count", hour=begins, account_id="acc_1", test=fields.pop("test", 0), profile_id=profile,
            channel="sms", country="DE", network="", carrier_id="", **counts | fields,
        )  # fmt: skip

    for ago in range(2, 150):
        for profile in ("fell", "well", "few", "new"):
            if profile != "new" and not (profile == "few" and ago > 2):
                await hour(profile, ago, 100, 80)
    await hour("few", 150, 10, 8)
    await hour("fell", 300, 100_000, 0)  # longer ago than a week
    for ago in (0, 1):  # two hours hold enough
        await hour("fell", ago, 100, 20)
        await hour("well", ago, 500, 60, canceled=100, blocked=300, unreported=25)
        await hour("few", ago, 60, 0)
        await hour("new", ago, 1000, 0)
        await hour("fell", ago, 900, 0, test=1)
    node = Node()
    signals = Signals(world.store, world.clock, node.parts())

    async def read() -> dict[str, float]:
        return {one.subject: one.value for one in await signals.read() if one.rule == success.RULE}

    found = await read()
    assert found == {"fell": pytest.approx(0.25), "well": pytest.approx(1.0, abs=0.01)}
    await hour("fell", 0, 200, 200)
    assert await read() == found, "such rows are read every few minutes"
    world.clock.turn(success.EVERY_MS / 1000)
    assert (await read())["fell"] == pytest.approx(220 / 300 / 0.796, abs=0.02)
