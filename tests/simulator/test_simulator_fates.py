"""What becomes of messages to the numbers with a fixed fate: the whole platform in memory, on virtual time."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import pytest

from onesixty.channels.sms.orders import SendOrder
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.rehearsal.playing import MIDNIGHT_MS, Rehearsal
from onesixty.routing.spec import PRIORITY, Placed, RouteMatch, RouteSpec
from onesixty.simulator import virtual
from onesixty.simulator.fixed import LONG_ANSWER, fixed_numbers
from onesixty.simulator.handsets import Handset
from onesixty.simulator.scenario import Scenario
from tests.support.databases import memory_database

pytestmark = pytest.mark.slow

LONG = "A text of two segments. " * 10
SENDER = "+15550009999"


class World:
    """A platform in memory. `play` runs work on it in virtual time."""

    def __init__(self, directory: Path, carriers: list[dict[str, Any]] | None = None) -> None:
        self.time = virtual.Time(MIDNIGHT_MS)
        self.memory = memory_database()
        self.rehearsal = Rehearsal(Scenario(carriers=carriers or []), self.time, self.memory, directory)
        self.platform = self.rehearsal.platform

    def play(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async def main() -> None:
            await self.platform.start(doors=False)
            self.account = next(iter(self.platform.features.accounts.book))
            await work()
            await self.platform.stop()

        virtual.run(self.time, main())

    async def send(self, to: str, text: str = "Hello", *, test: bool = False, **how: Any) -> str:
        """The id of an accepted message."""
        order = SendOrder(
            tenant=Tenant(self.account, test), sender=SENDER, recipient=to, text=text, valid_for=3600, **how
        )
        accepted = (await self.platform.features.path.intake.accept([order]))[0]
        assert isinstance(accepted, Message), accepted
        return accepted.id

    async def ended(self, message_id: str, test: bool = False) -> Message:
        await self.rehearsal.until_quiet()
        return await self.now(message_id, test)

    async def now(self, message_id: str, test: bool = False) -> Message:
        return await self.platform.features.path.queries.get(Tenant(self.account, test), message_id)

    def handset(self, number: str, test: bool = False) -> Handset:
        found = self.platform.sandbox.handsets.find(Tenant(self.account, test), number)
        assert found is not None
        return found


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.mark.parametrize("test", [False, True], ids=["live", "test"])
def test_every_number_ends_as_its_row_says(world: World, test: bool) -> None:
    found = {}

    async def work() -> None:
        ids = {row.number: await world.send(row.number, test=test) for row in fixed_numbers().values()}
        await world.rehearsal.until_quiet()
        for number, id_ in ids.items():
            message = await world.now(id_, test)
            found[number] = message.status, message.error_code

    world.play(work)
    assert found == {row.number: (row.ends, row.error) for row in fixed_numbers().values()}


def test_every_carrier_of_a_first_start_knows_the_numbers(world: World) -> None:
    """Whatever its country and its shares."""
    errors = {}

    async def work() -> None:
        carriers = await world.platform.features.configs.carriers()
        ids = {one.name: await world.send("+15000160022", route=one.name) for one in carriers}
        await world.rehearsal.until_quiet()
        for name, id_ in ids.items():
            errors[name] = (await world.now(id_)).error_code

    world.play(work)
    assert len(errors) == 6
    assert set(errors.values()) == {"recipient_refused"}


def test_the_segments_of_a_long_text_fare_differently(world: World) -> None:
    async def work() -> None:
        some_fail = await world.send("+15000160016", LONG)
        some_refused = await world.send("+15000160017", LONG)
        message = await world.ended(some_fail)
        assert (message.status, message.error_code) == ("undelivered", "undeliverable")
        message = await world.now(some_refused)
        assert (message.status, message.error_code) == ("undelivered", "partially_refused")
        (shown,) = world.handset("+15000160016").messages()
        assert (shown.parts, shown.total, shown.complete) == (1, 2, False)

    world.play(work)


def test_unknown_outcomes_are_resent_or_held(world: World) -> None:
    async def work() -> None:
        lost = await world.send("+15000160041", on_unknown="hold")
        taken = await world.send("+15000160042", on_unknown="hold")
        resent = await world.send("+15000160041")
        twice = await world.send("+15000160042")
        assert (await world.ended(lost)).status == "unconfirmed"
        held = await world.now(taken)
        assert (held.status, held.duplicates) == ("delivered", 0)
        assert (await world.now(resent)).duplicates == 1
        assert (await world.now(twice)).duplicates == 1
        # What a phone would show: one for the held message, two for the one that was sent again.
        shown = [one.message_id for one in world.handset("+15000160042").messages()]
        assert sorted(shown, key=str) == sorted([taken, twice, twice], key=str)

    world.play(work)


def test_a_throttled_number_is_tried_again(world: World) -> None:
    async def work() -> None:
        for number in ("+15000160031", "+15000160032"):
            message = await world.ended(await world.send(number))
            assert message.status == "delivered"
            assert message.sent_at is not None
            assert message.sent_at > message.created_at + 100

    world.play(work)


def test_a_refusal_of_the_first_carrier_leads_to_the_next(world: World) -> None:
    async def work() -> None:
        message = await world.ended(await world.send("+15000160034"))
        history = await world.platform.features.histories.history(message.tenant, message.id, operator=True)
        attempts = [
            (one["carrier_id"], one["outcome"]) for one in history["data"] if one["type"] == "attempt"
        ]
        assert [outcome for _, outcome in attempts] == ["permanent", "accepted"]
        assert len({carrier for carrier, _ in attempts}) == 2

    world.play(work)


def test_times_and_corrections(world: World) -> None:
    async def work() -> None:
        late = await world.send("+15000160002")
        corrected = await world.send("+15000160055")
        await asyncio.sleep(2)
        assert (await world.now(late)).status == "sent"
        assert (await world.now(corrected)).error_code == "carrier_expired"
        message = await world.ended(late)
        assert message.done_at is not None
        assert message.done_at >= message.created_at + 30_000
        assert (await world.now(corrected)).status == "delivered"

    world.play(work)


def test_handsets_answer(world: World) -> None:
    async def work() -> None:
        for number in ("+15000160061", "+15000160062", "+15000160064", "+15000160065"):
            await world.send(number, LONG)
        await asyncio.sleep(30)
        answers = {
            number[-2:]: next(m for m in world.handset(number).messages() if m.direction == "sent")
            for number in ("+15000160061", "+15000160062", "+15000160064", "+15000160065")
        }
        assert {m.recipient for m in answers.values()} == {SENDER}
        assert {last: m.text for last, m in answers.items()} == {
            "61": "YES", "62": "STOP", "64": LONG, "65": LONG_ANSWER,
        }  # fmt: skip
        assert answers["65"].total > 1

    world.play(work)


def test_a_carrier_that_is_made_anew_forgets_no_answer(world: World) -> None:
    async def work() -> None:
        await world.send("+15000160061")
        await asyncio.sleep(0.5)
        configs = world.platform.features.configs
        config = await configs.carrier("simulator")
        assert config is not None
        await configs.change_carrier(config, name=config.name, settings={"latency_ms": 30.0}, enabled=True)
        await asyncio.sleep(1)
        assert [m.text for m in world.handset("+15000160061").messages()] == ["Hello", "YES"]
        assert len(world.platform.sandbox.carriers) == 6

    world.play(work)


def test_who_unsubscribed_is_refused_until_start(world: World) -> None:
    number = "+15000160063"

    async def status() -> tuple[str, str | None]:
        id_ = await world.send(number)
        await asyncio.sleep(10)
        message = await world.now(id_)
        return message.status, message.error_code

    async def work() -> None:
        assert await status() == ("delivered", None)
        assert await status() == ("failed", "recipient_opted_out")
        handset = world.handset(number)
        assert [m.text for m in handset.messages()] == ["Hello", "STOP"]
        carrier = world.platform.sandbox.carrier_of(handset)
        assert carrier is not None
        carrier.send(handset, SENDER, " start ")
        assert await status() == ("delivered", None)

    world.play(work)


def test_a_redacted_message_leaves_its_handset(world: World) -> None:
    async def work() -> None:
        id_ = await world.send("+15551234567", "a secret")
        await world.ended(id_)
        assert [m.text for m in world.handset("+15551234567").messages()] == ["a secret"]
        await world.platform.features.control.redact(Tenant(world.account, False), id_)
        assert world.handset("+15551234567").messages() == []

    world.play(work)


class TestTestTraffic:
    """Promise 9, attacked: routes that name real carriers, pinned or not, carriers that come and go, fail-over,
    scheduled messages that are released into a platform that has changed."""

    def test_nothing_makes_it_leave_the_simulator(self, world: World) -> None:
        real: dict[str, Any] = {"host": "127.0.0.1", "port": 1, "system_id": "x"}
        ends: dict[str, str] = {}

        async def work() -> None:
            configs = world.platform.features.configs
            simulated = await configs.carriers()
            acme = await configs.add_carrier("acme", "smpp", real)
            await configs.add_route("real", [acme.id])
            await configs.add_route("mixed", [acme.id, simulated[0].id])
            by_name = {route.name: route for route in await configs.routes()}
            now = self_time()
            ids = [
                await world.send("+15551234567", test=True),
                await world.send("+15551234567", test=True, route="real"),
                await world.send("+15551234567", test=True, route="mixed"),
                await world.send("+15551234567", test=True, route="sim-br"),
                # refused by every carrier of the route: no fail-over to the real one
                await world.send("+15000160025", test=True, route="mixed"),
                await world.send("+15551234567", test=True, route="mixed", scheduled_at=now + 60_000),
                await world.send("+15551234567", test=True, scheduled_at=now + 60_000),
            ]
            # The route of scheduled and queued ones now names the real carrier alone, and the simulated ones go
            # one after the other while messages are under way.
            to_acme = RouteSpec([Placed(acme.id, 1, 1)], RouteMatch(), PRIORITY)
            for route in (by_name["mixed"], by_name["default"]):
                await configs.change_route(route, name=route.name, route=to_acme, enabled=True)
            for carrier in simulated[:-1]:
                ids.append(await world.send("+15551234567", test=True, route="mixed"))
                await configs.change_carrier(
                    carrier, name=carrier.name, settings=msgspec.json.decode(carrier.settings), enabled=False
                )
            await asyncio.sleep(90)
            last = simulated[-1]
            ids.append(await world.send("+15551234567", test=True, route="real"))
            await configs.change_carrier(last, name=last.name, settings={}, enabled=False)
            await asyncio.sleep(4000)  # beyond everybody's validity
            for id_ in ids:
                ends[id_] = (await world.now(id_, True)).status
            assert set(ends.values()) <= {
                "delivered",
                "undelivered",
                "expired",
                "failed",
                "unconfirmed",
                "sent",
            }

        def self_time() -> int:
            return world.time.now_ms()

        world.play(work)
        rows = world.memory.connection.execute(
            "SELECT m.id, c.type FROM messages m LEFT JOIN attempts a ON a.message_id = m.id"
            " LEFT JOIN carriers c ON c.id = a.carrier_id WHERE m.test = 1"
        ).fetchall()
        assert {id_ for id_, _ in rows} == set(ends)
        assert {type_ for _, type_ in rows} <= {"simulator", None}
        named = world.memory.connection.execute(
            "SELECT DISTINCT c.type FROM messages m JOIN carriers c ON c.id = m.carrier_id WHERE m.test = 1"
        ).fetchall()
        assert named == [("simulator",)]
        charged = "SELECT COUNT(*) FROM ledger WHERE message_id IN (SELECT id FROM messages WHERE test = 1)"
        assert world.memory.connection.execute(charged).fetchone() == (0,)

    def test_without_a_simulated_carrier_it_is_refused(self, tmp_path: Path) -> None:
        world = World(tmp_path, [{"name": "sandbox", "type": "simulator", "enabled": False}])

        async def work() -> None:
            order = SendOrder(
                tenant=Tenant(world.account, True), sender=SENDER, recipient="+15551234567", text="x"
            )
            (refusal,) = await world.platform.features.path.intake.accept([order])
            assert getattr(refusal, "code", None) == "no_route"

        world.play(work)
