"""The dispatcher with a carrier that does as it is told, on a real store."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from onesixty.core.contracts import Refusal, Rendered, Submission
from onesixty.core.message import Message, from_row
from onesixty.core.outcomes import Outcome
from onesixty.dispatch.breaker import COOLDOWN, THRESHOLD
from onesixty.dispatch.carrier_queue import DOWN_AFTER
from onesixty.network.callbacks import CarrierCallbacks
from onesixty.store.units import Poisoned, Result, Unavailable, Unit
from tests.support.databases import memory_database
from tests.support.message_path import ACCOUNT, FakeCarrier, Node
from tests.support.waiting import wait_until_async

NewNode = Callable[..., Awaitable[Node]]

UNKNOWN = Outcome("unknown", code="outcome_unknown")
THROTTLED = Outcome("throttled", code="carrier_throttled")
SENDER_REFUSED = Outcome("permanent", code="sender_refused")
LONG = "All segments of a message go over one carrier. " * 6  # 2 segments


def statements(unit: Unit) -> set[str]:
    return {name for name, _ in (*unit.guards, *unit.writes)}


async def turns(count: int = 20) -> None:
    """Let the loop run, for what must not happen."""
    for _ in range(count):
        await asyncio.sleep(0)


# ------------------------------------------------------------ flights


async def test_a_message_goes_out_and_comes_back_sent(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url)
    message = await node.sent()
    assert message.carrier_id == "car_a"
    assert (await node.events(message)) == ["message.sent"]
    assert (await node.ledger(message)) == {"hold": (7500, 0), "settle": (-7500, 7500)}
    await node.until_idle()
    node.receipt("car_a-1")
    await node.until_status(message, "delivered")


async def test_nothing_is_handed_over_before_a_committed_flight_names_it(node: Node) -> None:
    """What a kill leaves unclear is bounded by what is in an open flight."""
    named: list[int] = []

    def look(submission: Submission) -> None:
        rows = [row for unit in node.store.log for name, row in unit.guards if name == "flight_open"]
        found = {id_ for row in rows for id_, _ in msgspec.json.decode(str(row[3]))}
        named.append(submission.message.id in found)

    node.carrier.on_submit = look
    node.carrier.script = node.carrier.accept
    for _ in range(5):
        await node.send()
    await node.until_submitted(5)
    await node.until_idle()
    assert named == [True] * 5
    assert not await node.store.fetch("flights_of_lease", lease=node.lease)
    assert {"flight_close"} in [statements(unit) for unit in node.store.log]


async def test_a_flight_is_closed_when_all_its_outcomes_are_on_disk(node: Node) -> None:
    await node.intake.accept([node.order("m1"), node.order("m2")])
    first, second = await node.until_submitted(2)
    node.carrier.answer_all(first)
    await node.until_status(first.message, "sent")
    await turns()
    assert {"flight_close"} not in [statements(unit) for unit in node.store.log]
    node.carrier.answer_all(second)
    await node.until_idle()
    assert [statements(unit) for unit in node.store.log].count({"flight_close"}) == 1


async def test_it_is_not_idle_while_outcomes_are_on_their_way_to_disk(node: Node) -> None:
    message = await node.send()
    (submission,) = await node.until_submitted(1)
    node.carrier.answer_all(submission)
    seen: list[tuple[bool, str]] = []

    async def look() -> bool:
        idle = node.dispatcher.idle
        seen.append((idle, (await node.get(message)).status))
        return idle

    await wait_until_async(look)
    assert all(status == "sent" for idle, status in seen if idle)


async def test_a_node_whose_lease_is_gone_sends_nothing_more_and_keeps_what_it_saw(node: Node) -> None:
    first = await node.send()
    (submission,) = await node.until_submitted(1)
    await node.store.execute("lease_end", id=node.lease, now=node.clock.now_ms())
    (row,) = await node.store.fetch("messages_by_id", ids=[first.id])
    await node.store.commit(
        [Unit(keys=(first.id,), guards=(("message_unclaim", (first.id, from_row(row).version)),))]
    )
    node.carrier.answer_all(submission)
    await node.until_idle()
    assert (await node.get(first)).status == "sent"
    await node.send("later")
    await turns()
    assert len(node.carrier.submissions) == 1


async def test_nothing_is_handed_over_once_the_lease_ran_out(node: Node) -> None:
    """The node may have stood still while its flight was committed, and recovery has decided about it."""
    held = [True]
    node.keeper.held = lambda: held[0]

    def stand_still(name: str) -> None:
        if name == "dispatch.before_flight":
            held[0] = False

    node.faults = stand_still
    message = await node.send()
    await node.until_idle()
    await turns()
    assert node.carrier.submissions == []
    assert await node.store.fetch("flights_of_lease", lease=node.lease) == []
    held[0], node.faults = True, lambda name: None
    node.carrier.script = node.carrier.accept
    node.path.queues.wake_all()
    assert (await node.until_status(message, "sent")).duplicates == 0


async def test_what_expired_while_its_flight_was_committed_is_not_handed_over(node: Node) -> None:
    def stand_still(name: str) -> None:
        if name == "dispatch.before_flight":
            node.clock.advance(61)

    node.faults = stand_still
    message = await node.send(valid_for=60)
    await node.until_status(message, "expired")
    await node.until_idle()
    assert node.carrier.submissions == []
    assert await node.store.fetch("flights_of_lease", lease=node.lease) == []


async def test_receipts_find_what_a_fenced_node_saw(new_node: NewNode) -> None:
    """The ids that it was given go onto the attempts that recovery wrote as unknown."""
    memory = memory_database()
    node = await new_node(memory=memory)
    message = await node.send(on_unknown="resend")
    (submission,) = await node.until_submitted(1)
    other = await new_node(memory=memory)
    assert other.recovered == (1, 0)
    node.carrier.answer_all(submission)
    await node.until_idle()
    (attempt,) = await other.attempts(message)
    assert (attempt.outcome, attempt.carrier_message_id) == ("accepted", "car_a-1")


# ------------------------------------------------------------ the store


async def test_nothing_is_submitted_while_the_store_is_unhealthy(node: Node) -> None:
    """The database goes away and comes back."""
    node.carrier.window = 1
    node.carrier.script = None
    for index in range(3):
        await node.send(f"m{index}")
    (submission,) = await node.until_submitted(1)
    node.store.down = True
    node.carrier.answer_all(submission)
    await turns(50)
    assert len(node.carrier.submissions) == 1
    assert not node.dispatcher.idle, "the outcome is remembered"
    node.carrier.script = node.carrier.accept
    node.store.down = False
    await node.until_submitted(3)
    assert node.carrier.sent == ["m0", "m1", "m2"]
    await node.until_status(submission.message, "sent")


async def test_outcomes_that_cannot_be_written_stop_dispatch_and_are_never_resent(node: Node) -> None:
    """Outcomes wait for the store, and each is written once."""
    failing = True

    def refuse(unit: Unit) -> Result | None:
        return Unavailable("full") if failing and "message_sent" in statements(unit) else None

    node.store.refuse = refuse
    first = await node.send("m1")
    (submission,) = await node.until_submitted(1)
    node.carrier.answer_all(submission)
    await wait_until_async(lambda: node.dispatcher._journal.stuck, what="the refusal")
    second = await node.send("m2")
    await turns(50)
    assert node.carrier.sent == ["m1"]
    failing = False
    node.carrier.script = node.carrier.accept
    for message in (first, second):
        await node.until_status(message, "sent")
    assert node.carrier.sent == ["m1", "m2"]
    assert len(await node.attempts(first)) == 1


class Late:
    """A store that is slow to write the outcome of `m1`, while a flight for `m2` is on its way."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.answer = asyncio.Event()
        self.refused = False
        node.carrier.window = 1
        node.store.hold = lambda unit: self.answer.wait() if "message_sent" in statements(unit) else None
        node.store.refuse = self.refuse

    def refuse(self, unit: Unit) -> Result | None:
        return Unavailable("gone") if self.refused and "message_sent" in statements(unit) else None

    @property
    def flights(self) -> int:
        return [name for unit in self.node.store.log for name in statements(unit)].count("flight_open")

    async def send(self) -> tuple[Message, Message]:
        first, second = await self.node.send("m1"), await self.node.send("m2")
        (submission,) = await self.node.until_submitted(1)
        self.node.carrier.answer_all(submission)
        self.node.carrier.script = self.node.carrier.accept
        return first, second

    async def until_sent(self, *sent: Message) -> None:
        for message in sent:
            await self.node.until_status(message, "sent")
        await self.node.until_idle()
        assert self.node.carrier.sent == ["m1", "m2"]
        assert not await self.node.store.fetch("flights_of_lease", lease=self.node.lease)


async def test_a_flight_on_disk_waits_for_the_outcomes_that_made_room_for_it(node: Node) -> None:
    """A store may finish it first. After a crash both would be in doubt: more than the window."""
    late = Late(node)
    both = await late.send()
    await wait_until_async(lambda: late.flights == 2, what="the second flight on disk")
    await turns(50)
    assert node.carrier.sent == ["m1"]
    late.answer.set()
    await late.until_sent(*both)


async def test_a_flight_on_disk_is_given_back_if_the_outcomes_before_it_are_refused(node: Node) -> None:
    late = Late(node)
    late.refused = True
    both = await late.send()
    await wait_until_async(lambda: late.flights == 2, what="the second flight on disk")
    late.answer.set()
    await wait_until_async(lambda: node.dispatcher._journal.stuck, what="the refusal")
    await turns(50)
    assert node.carrier.sent == ["m1"]
    late.refused = False
    await late.until_sent(*both)
    assert late.flights == 3


async def test_nothing_takes_off_while_a_store_that_failed_may_not_have_written_outcomes(node: Node) -> None:
    """It can write again, and has not found out yet what became of the commit it lost."""
    late = Late(node)
    node.carrier.window = 2
    first = await node.send("m1")
    (submission,) = await node.until_submitted(1)
    node.carrier.answer_all(submission)
    await turns()
    node.carrier.script = node.carrier.accept
    node.store.down = True
    node.store.down = False
    second = await node.send("m2")
    await turns(50)
    assert late.flights == 1
    late.answer.set()
    await late.until_sent(first, second)


async def test_a_flight_that_cannot_be_written_is_tried_again_in_order(node: Node) -> None:
    refused = 0

    def refuse(unit: Unit) -> Result | None:
        nonlocal refused
        if "flight_open" in statements(unit) and refused < 2:
            refused += 1
            return Poisoned("no")
        return None

    node.store.refuse = refuse
    node.carrier.script = node.carrier.accept
    await node.intake.accept([node.order(f"m{index}") for index in range(4)])
    await node.until_submitted(4)
    assert node.carrier.sent == ["m0", "m1", "m2", "m3"]


async def test_an_answer_that_cannot_be_stored_is_set_aside_alone(node: Node) -> None:
    """One poison message is set aside alone, and a part of the node stays responsible for it."""

    def refuse(unit: Unit) -> Result | None:
        poison = any(name == "attempt_insert" and row[9] == "poison" for name, row in unit.writes)
        return Poisoned("no such character") if poison else None

    node.store.refuse = refuse
    bad, good = await node.send("bad"), await node.send("good")
    first, second = await node.until_submitted(2)
    node.carrier.answer(first, 0, Outcome("accepted", carrier_message_id="poison"))
    node.carrier.answer_all(second)
    await node.until_status(good, "sent")
    assert (await node.until_status(bad, "sent")).status == "sent"
    assert not await node.attempts(bad)


async def test_what_cannot_be_stored_at_all_ends_as_bad(node: Node) -> None:

    def refuse(unit: Unit) -> Result | None:
        poison = any(name == "message_change" and row[14] == "poison" for name, row in unit.guards)
        return Poisoned("no such character") if poison else None

    node.store.refuse = refuse
    message = await node.send()
    (submission,) = await node.until_submitted(1)
    outcome = Outcome("permanent", code="message_refused", carrier_code="poison")
    node.carrier.answer(submission, 0, outcome)
    found = await node.until_status(message, "failed")
    assert found.error_code == "bad_message"
    assert (await node.ledger(message)) == {"hold": (7500, 0), "release": (-7500, 0)}


# ------------------------------------------------------------ throttling


async def test_throttling_keeps_the_order(node: Node) -> None:
    """What a throttling carrier sends back goes out later in the order that it had."""
    for index in range(6):
        await node.send(f"m{index}")
    first = list(await node.until_submitted(6))
    for submission in first:
        node.carrier.answer_all(submission, THROTTLED)
    node.carrier.script = node.carrier.accept
    await node.until_submitted(12)
    assert node.carrier.sent == [f"m{index}" for index in range(6)] * 2
    await node.until_idle()
    for submission in first:
        assert len(await node.attempts(submission.message)) == 1, "throttling is no attempt"


async def test_throttling_slows_the_whole_line(node: Node) -> None:
    """ESME_RTHROTTLED pauses everything that goes to this carrier."""
    await node.send("m0")
    (submission,) = await node.until_submitted(1)
    node.carrier.answer_all(submission, THROTTLED)
    await node.send("m1")
    await turns(50)
    assert node.carrier.sent == ["m0"]
    assert node.counted("throttles", "car_a") == 1
    node.carrier.script = node.carrier.accept
    await node.until_submitted(3)
    assert node.carrier.sent == ["m0", "m0", "m1"]


async def test_a_throttled_rest_of_a_long_message_goes_alone_under_its_reference(node: Node) -> None:
    """Only what was not taken goes again, with the same concatenation reference."""
    message = await node.send(LONG)
    (first,) = await node.until_submitted(1)
    node.carrier.answer(first, 0, node.carrier.accept(first, 0))
    node.carrier.answer(first, 1, THROTTLED)
    _, second = await node.until_submitted(2)
    assert (first.pending, second.pending) == ([0, 1], [1])
    assert second.concat_reference == first.concat_reference
    assert second.attempt == 2
    node.carrier.answer_all(second)
    await node.until_status(message, "sent")
    found = [(a.attempt, a.segment, a.outcome) for a in await node.attempts(message)]
    assert found == [(1, 0, "accepted"), (1, 1, "throttled"), (2, 1, "accepted")]


# ------------------------------------------------------------ windows and pace


async def test_the_window_is_never_overrun(node: Node) -> None:
    node.carrier.window = 3
    for index in range(8):
        await node.send(f"m{index}")
    await node.until_submitted(3)
    await turns()
    assert len(node.carrier.submissions) == 3
    node.carrier.script = node.carrier.accept
    for submission in list(node.carrier.submissions):
        node.carrier.answer_all(submission)
    await node.until_submitted(8)
    assert node.carrier.sent == [f"m{index}" for index in range(8)]


async def test_a_message_longer_than_the_window_still_goes(node: Node) -> None:
    node.carrier.window = 1
    node.carrier.script = node.carrier.accept
    message = await node.send(LONG * 3)
    assert message.segments > 3
    await node.until_status(message, "sent")


async def test_a_paced_carrier_gets_no_more_segments_than_it_said(new_node: NewNode) -> None:
    """Throughput counts segments."""
    node = await new_node()
    node.carrier.throughput = 20.0
    node.dispatcher.connect("car_a", node.carrier)
    node.carrier.script = node.carrier.accept
    began = node.clock.monotonic()
    for _ in range(4):
        await node.send(LONG)
    await node.until_submitted(4)
    took = node.clock.monotonic() - began
    # A burst of two segments is free, the last message goes into debt.
    assert took >= (8 - 2 - 2) / 20 * 0.8


# ------------------------------------------------------------ other carriers


async def test_a_refused_sender_goes_to_the_next_carrier(new_node: NewNode) -> None:
    node = await new_node(carriers=("car_a", "car_b"))
    node.carriers["car_a"].script = lambda submission, segment: SENDER_REFUSED
    node.carriers["car_b"].script = node.carriers["car_b"].accept
    message = await node.send(LONG)
    found = await node.until_status(message, "sent")
    assert (found.carrier_id, found.carriers_tried, found.attempts) == ("car_b", "car_a", 2)
    assert node.carriers["car_b"].submissions[0].pending == [0, 1]
    assert [a.carrier_id for a in await node.attempts(message)] == ["car_a"] * 2 + ["car_b"] * 2


async def test_refused_by_all_it_has_failed(new_node: NewNode) -> None:
    node = await new_node(carriers=("car_a", "car_b"))
    for carrier in node.carriers.values():
        carrier.script = lambda submission, segment: SENDER_REFUSED
    message = await node.send()
    found = await node.until_status(message, "failed")
    assert found.error_code == "sender_refused"
    assert (await node.ledger(message)) == {"hold": (7500, 0), "release": (-7500, 0)}
    assert len(await node.attempts(message)) == 2


async def test_a_refused_message_waits_for_an_alternative_that_is_away(new_node: NewNode) -> None:
    node = await new_node(carriers=("car_a", "car_b"))
    one, other = node.carriers.values()
    one.script = lambda submission, segment: SENDER_REFUSED
    other.script = other.accept
    other.come_and_go(False)
    await turns()
    node.clock.advance(DOWN_AFTER)
    message = await node.send()
    await node.until_submitted(1)
    await node.until_idle()
    waiting = await node.get(message)
    assert (waiting.status, waiting.carrier_id, waiting.carriers_tried) == ("queued", "car_b", "car_a")
    other.come_and_go(True)
    node.clock.advance(3)
    await node.sweep.once()
    await node.until_status(message, "sent")
    assert len(one.sent) == 1


async def test_what_a_carrier_cannot_carry_waits_for_an_alternative_that_is_away(new_node: NewNode) -> None:
    node = await new_node(carriers=("car_a", "car_b"))
    one, other = node.carriers.values()
    one.refuses = Refusal("carrier_cannot_carry", "no such alphabet")
    other.script = other.accept
    other.come_and_go(False)
    await turns()
    node.clock.advance(DOWN_AFTER)
    message = await node.send()
    await wait_until_async(lambda: not node.dispatcher.queues["car_a"].lane)
    await node.until_idle()
    assert (await node.get(message)).carrier_id == "car_b"
    other.come_and_go(True)
    node.clock.advance(3)
    await node.sweep.once()
    await node.until_status(message, "sent")


async def test_what_waits_for_a_carrier_that_is_down_goes_to_the_next(new_node: NewNode) -> None:
    """A carrier is down; its messages take another one, in order, once it stays down."""
    node = await new_node(carriers=("car_a", "car_b"))
    one, other = node.carriers.values()
    other.script = other.accept
    one.come_and_go(False)
    await turns()
    sent = [await node.send(f"m{index}") for index in range(5)]
    await turns()
    assert not other.sent, "a short break is waited for"
    node.clock.advance(DOWN_AFTER)
    await node.until_submitted(5, "car_b")
    assert other.sent == [f"m{index}" for index in range(5)]
    for message in sent:
        assert (await node.until_status(message, "sent")).carrier_id == "car_b"
    fresh = await node.send("fresh")
    assert fresh.carrier_id == "car_b"


async def test_what_waits_in_the_database_for_a_carrier_that_is_down_goes_to_the_next(
    new_node: NewNode,
) -> None:
    """A carrier is down with more queued than memory holds."""
    node = await new_node(carriers=("car_a", "car_b"), lane_capacity=20)
    one, other = node.carriers.values()
    other.script = other.accept
    one.come_and_go(False)
    await turns()
    sent = [await node.send(f"m{index:03}") for index in range(100)]
    node.clock.advance(DOWN_AFTER)
    await node.until_submitted(100, "car_b")
    assert other.sent == sorted(other.sent)
    for message in sent:
        await node.until_status(message, "sent")


async def test_a_disabled_carrier_gets_nothing_and_alternatives_take_over(new_node: NewNode) -> None:
    node = await new_node(carriers=("car_a", "car_b"))
    one, other = node.carriers.values()
    other.script = other.accept
    one.window = 0
    await node.send("m1")
    await turns()
    node.dispatcher.connect("car_a", None)
    await node.until_submitted(1, "car_b")
    assert not one.sent


class Capitals(FakeCarrier):
    """A connector with other settings: it has the sender in capitals."""

    def render(self, message: Message, sender: str, concat_reference: int) -> Rendered | Refusal:
        return super().render(message, sender.upper(), concat_reference)


@pytest.mark.parametrize("comes", ["before the hand-over", "during the flight", "after the flight"])
async def test_a_message_goes_as_the_new_connector_of_its_carrier_renders_it(node: Node, comes: str) -> None:
    """Also if the former connector rendered it, and never wrote it."""
    former = node.carrier
    node.carriers["car_a"] = new = Capitals("car_a")
    host = CarrierCallbacks("car_a", node.dispatcher, node.receipt_desk, node.path.inbound)
    new.attach(host, asyncio.get_running_loop())
    new.script = new.accept

    def replace(unit: Unit) -> None:
        if comes == "before the hand-over" and "flight_open" in statements(unit):
            node.dispatcher.connect("car_a", new)

    node.store.refuse = replace
    message = await node.send()
    if comes != "before the hand-over":
        await wait_until_async(lambda: bool(former.submissions), timeout=20, what="a submission")
        if comes == "during the flight":
            node.dispatcher.connect("car_a", new)
        former.connected = False
        former.answer_all(former.submissions[0], Outcome("retryable", code="carrier_unreachable"))
        await turns()
        node.dispatcher.connect("car_a", new)
    await node.until_status(message, "sent")
    assert [submission.rendered.sender for submission in new.submissions] == ["ACME"]


async def test_an_alternative_that_comes_back_is_noticed(new_node: NewNode) -> None:
    node = await new_node(carriers=("car_a", "car_b"))
    one, other = node.carriers.values()
    other.script = other.accept
    one.come_and_go(False)
    other.come_and_go(False)
    await node.send("m1")
    await turns()
    node.clock.advance(DOWN_AFTER)
    await turns()
    other.come_and_go(True)
    await node.until_submitted(1, "car_b")


async def test_a_carrier_that_cannot_carry_it_is_skipped(new_node: NewNode) -> None:
    node = await new_node(carriers=("car_a", "car_b"))
    one, other = node.carriers.values()
    one.refuses = Refusal("carrier_cannot_carry", "no such alphabet")
    other.script = other.accept
    message = await node.send()
    await node.until_status(message, "sent")
    other.refuses = one.refuses
    message = await node.send()
    found = await node.until_status(message, "failed")
    assert found.error_code == "carrier_cannot_carry"
    assert not await node.attempts(message)


async def test_segments_are_counted_as_rendered(new_node: NewNode) -> None:
    """An 8-bit link makes two segments of what was priced as one: both have to be delivered."""
    node = await new_node()
    node.carrier.parts = 2
    node.carrier.script = node.carrier.accept
    message = await node.send("x" * 155)
    assert message.segments == 1
    await node.until_status(message, "sent")
    assert [a.segments for a in await node.attempts(message)] == [2, 2]
    await node.receipts(("car_a-1", 2))
    assert (await node.get(message)).status == "sent"
    await node.receipts(("car_a-2", 2))
    assert (await node.get(message)).status == "delivered"
    assert node.carrier.submissions[0].concat_reference


async def test_fewer_segments_than_priced_are_delivered_as_well(new_node: NewNode) -> None:
    node = await new_node()
    node.carrier.parts = 1
    message = await node.sent("[" * 100)
    assert message.segments == 2
    await node.receipts(("car_a-1", 2))
    assert (await node.get(message)).status == "delivered"


# ------------------------------------------------------------ the breaker


async def make_sick(node: Node, carrier_id: str = "car_a") -> None:
    """Enough unknown outcomes to open the line of a carrier; what they belong to is held."""
    carrier = node.carriers[carrier_id]
    carrier.script = lambda submission, segment: UNKNOWN
    orders = [node.order(f"sick{n}", on_unknown="hold") for n in range(THRESHOLD)]
    await node.intake.accept(orders)
    line = node.dispatcher.queues[carrier_id]
    await wait_until_async(lambda: line.breaker.state == "open", what="an open breaker")
    await node.until_idle()


async def test_a_sick_carrier_is_taken_out_and_let_in_by_trial(node: Node) -> None:
    await make_sick(node)
    node.carrier.sent.clear()
    await node.intake.accept([node.order(f"m{index}") for index in range(5)])
    await turns(50)
    assert not node.carrier.sent
    node.carrier.script = None
    node.clock.advance(COOLDOWN)
    node.carrier.come_and_go(True)
    await wait_until_async(lambda: node.carrier.sent, what="the trial")
    await turns(50)
    assert node.carrier.sent == ["m0"], "one message tries"
    node.carrier.script = node.carrier.accept
    node.carrier.answer_all(node.carrier.submissions[-1])
    await wait_until_async(lambda: len(node.carrier.sent) == 5, what="the rest")
    assert node.carrier.sent == [f"m{index}" for index in range(5)]


async def test_a_trial_under_way_is_waited_for_without_spinning(node: Node) -> None:
    await make_sick(node)
    node.carrier.script = None
    await node.intake.accept([node.order(f"m{index}") for index in range(5)])
    node.clock.advance(COOLDOWN)
    node.carrier.sent.clear()
    node.carrier.come_and_go(True)
    await wait_until_async(lambda: node.carrier.sent, what="the trial")
    looks = 0
    state = node.carrier.state

    def counted() -> object:
        nonlocal looks
        looks += 1
        return state()

    node.carrier.state = counted  # type: ignore[method-assign,assignment]
    for _ in range(1000):  # turns of the loop, in each of which a line that spins would look
        await asyncio.sleep(0)
    assert looks <= 3
    line = node.dispatcher.queues["car_a"]
    assert not line.scheduled
    assert line.timer is None or line.timer.when() - asyncio.get_running_loop().time() > 0.1


async def test_an_opened_carrier_heals_although_there_is_an_alternative(new_node: NewNode) -> None:
    node = await new_node(carriers=("car_a", "car_b"))
    one, other = node.carriers.values()
    await make_sick(node)
    other.script = other.accept
    away = await node.send("away")
    assert away.carrier_id == "car_b"
    one.script = one.accept
    one.sent.clear()
    node.clock.advance(COOLDOWN)
    trial, rest = await node.intake.accept([node.order("trial"), node.order("rest")])
    assert (trial.carrier_id, rest.carrier_id) == ("car_a", "car_b")
    await wait_until_async(lambda: one.sent, what="the trial")
    await wait_until_async(lambda: node.dispatcher.queues["car_a"].breaker.state == "closed", what="healing")
    assert (await node.send("healed")).carrier_id == "car_a"


async def test_a_trial_whose_flight_was_not_written_is_tried_again(node: Node) -> None:
    await make_sick(node)
    refused = 0

    def refuse(unit: Unit) -> Result | None:
        nonlocal refused
        if "flight_open" in statements(unit) and not refused:
            refused += 1
            return Poisoned("no")
        return None

    node.store.refuse = refuse
    node.carrier.script = node.carrier.accept
    node.clock.advance(COOLDOWN)
    message = await node.send()
    await node.until_status(message, "sent")
    assert refused == 1


# ------------------------------------------------------------ unknown outcomes


async def test_what_nobody_saw_is_resent_and_counted(node: Node) -> None:
    message = await node.send()
    (submission,) = await node.until_submitted(1)
    node.carrier.answer_all(submission, UNKNOWN)
    await node.until_submitted(2)
    node.carrier.answer_all(node.carrier.submissions[1])
    found = await node.until_status(message, "sent")
    assert found.duplicates == 1
    assert node.counted("duplicates", "car_a") == 1
    assert [a.outcome for a in await node.attempts(message)] == ["unknown", "accepted"]


async def test_or_held(node: Node) -> None:
    message = await node.send(class_="marketing")
    (submission,) = await node.until_submitted(1)
    node.carrier.answer_all(submission, UNKNOWN)
    found = await node.until_status(message, "held")
    assert (found.error_code, found.claim, found.duplicates) == ("outcome_unknown", 0, 0)
    assert found.due_at == found.expires_at


# ------------------------------------------------------------ validity


async def test_what_is_too_late_is_not_sent(node: Node) -> None:
    node.carrier.connected = False
    message = await node.send(valid_for=5)
    other = await node.send("still good")
    node.clock.advance(5)
    node.carrier.script = node.carrier.accept
    node.carrier.come_and_go(True)
    found = await node.until_status(message, "expired")
    assert found.error_code == "validity_passed"
    await node.until_status(other, "sent")
    assert node.carrier.sent == ["still good"]


async def test_a_part_that_was_taken_is_not_expired_but_undelivered(node: Node) -> None:
    message = await node.send(LONG, valid_for=5)
    (first,) = await node.until_submitted(1)
    node.carrier.answer(first, 0, node.carrier.accept(first, 0))
    node.carrier.answer(first, 1, THROTTLED)
    node.clock.advance(5)
    found = await node.until_status(message, "undelivered")
    assert found.error_code == "validity_passed"
    assert (await node.ledger(message)) == {"hold": (15000, 0), "settle": (-15000, 15000)}


# ------------------------------------------------------------ the database as the queue


async def test_new_messages_never_overtake_older_ones_in_the_database(
    engine_url: str, new_node: NewNode
) -> None:
    """The memory holds 20 places; what came later waits behind what is in the database."""
    node = await new_node(engine_url, lane_capacity=20)
    node.carrier.connected = False
    texts = [f"m{index:03}" for index in range(60)]
    results = await node.intake.accept([node.order(text) for text in texts[:50]])
    claimed = [message.claim for message in results]
    assert claimed == sorted(claimed, reverse=True)
    assert claimed.count(node.lease) == 10, "half of the places for one account and class"
    node.carrier.script = node.carrier.accept
    node.carrier.come_and_go(True)
    for text in texts[50:]:
        await node.send(text)
    await node.until_submitted(60)
    assert node.carrier.sent == texts


async def test_refill_takes_turns_between_accounts(new_node: NewNode) -> None:
    """One customer's thousand does not keep others' messages in the database."""
    node = await new_node(lane_capacity=60)
    node.carrier.connected = False
    accounts = [f"acc_{n}" for n in range(6)]
    for account in accounts:
        await node.intake.accept([node.order(f"{account}", account_id=account) for _ in range(80)])
    node.carrier.script = node.carrier.accept
    node.carrier.come_and_go(True)
    await node.until_submitted(300)
    assert set(node.carrier.sent[:300]) == set(accounts)
    await node.until_submitted(480)
    await wait_until_async(lambda: not node.dispatcher.queues["car_a"].waiting)


@pytest.mark.parametrize("unreadable", ["waiting_messages", "attempts_of_messages"])
async def test_a_refill_that_cannot_read_strands_nobody(
    new_node: NewNode, monkeypatch: pytest.MonkeyPatch, unreadable: str
) -> None:
    """The reads fail, the writes do not, and nothing else happens on the line."""
    monkeypatch.setattr("onesixty.dispatch.refill.RETRY", 0.01)
    node = await new_node()
    message = await node.send()
    (first,) = await node.until_submitted(1)
    node.carrier.answer_all(first, Outcome("retryable"))
    await wait_until_async(lambda: node.attempts(message), what="the attempt")
    refused = 0

    class Unreadable:
        """The store as the refill sees it."""

        commit = node.store.commit

        async def fetch(self, statement: str, **params: object) -> list[Any]:
            nonlocal refused
            if statement == unreadable and refused < 3:
                refused += 1
                raise Unavailable("gone")
            return await node.store.fetch(statement, **params)

    node.dispatcher.refill._store = Unreadable()  # type: ignore[assignment]
    node.carrier.script = node.carrier.accept
    node.clock.advance(60)
    await node.sweep.once()
    await node.until_submitted(2)
    assert refused == 3


async def test_priority_holds_in_the_database_as_well(new_node: NewNode) -> None:
    node = await new_node(lane_capacity=2)
    node.carrier.connected = False
    await node.intake.accept([node.order(f"p{priority}", priority=priority) for priority in (1, 3, 2, 9, 5)])
    node.carrier.script = node.carrier.accept
    node.carrier.come_and_go(True)
    await node.until_submitted(5)
    assert node.carrier.sent[1:] == ["p9", "p5", "p3", "p2"]


async def test_one_time_passwords_do_not_wait_behind_a_campaign(new_node: NewNode) -> None:
    node = await new_node(lane_capacity=100, window=1)
    await node.intake.accept([node.order("offer", class_="marketing") for _ in range(300)])
    await node.send("482931", class_="otp")
    node.carrier.script = node.carrier.accept
    node.carrier.answer_all(node.carrier.submissions[0])
    await wait_until_async(lambda: "482931" in node.carrier.sent, what="the password")
    assert node.carrier.sent.index("482931") <= 3


async def test_a_withdrawn_message_is_restored_to_its_place(node: Node) -> None:
    node.carrier.connected = False
    first, second = await node.send("m1"), await node.send("m2")
    withdrawn = node.dispatcher.withdraw(first.id)
    assert withdrawn is not None
    assert node.dispatcher.withdraw(first.id) is None
    node.dispatcher.restore(withdrawn)
    node.carrier.script = node.carrier.accept
    node.carrier.come_and_go(True)
    await node.until_status(second, "sent")
    assert node.carrier.sent == ["m1", "m2"]


async def test_stopping_takes_answers_and_sends_nothing_more(node: Node) -> None:
    first = await node.send("m1")
    (submission,) = await node.until_submitted(1)
    node.dispatcher.begin_stop()
    second = await node.send("m2")
    assert not node.dispatcher.idle
    node.carrier.answer_all(submission)
    await node.until_status(first, "sent")
    await node.until_idle()
    assert node.carrier.sent == ["m1"]
    assert (await node.get(second)).claim == 0, "the next node finds it"


async def test_an_outcome_that_nobody_waits_for_is_ignored(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    message = await node.send()
    (submission,) = await node.until_submitted(1)
    accepted = node.carrier.accept(submission, 0)
    node.carrier.answer(submission, 0, accepted)
    node.carrier.answer(submission, 0, UNKNOWN)
    found = await node.until_status(message, "sent")
    assert found.duplicates == 0
    assert found.account_id == ACCOUNT


async def test_flights_are_handed_over_in_order_although_a_later_one_is_on_disk_first(node: Node) -> None:
    node.carrier.connected = False
    node.carrier.script = node.carrier.accept
    held: list[tuple[asyncio.Future[list[Result]], list[Unit]]] = []
    commit = node.store.commit

    def late(units: list[Unit]) -> asyncio.Future[list[Result]]:
        if "flight_open" not in statements(units[0]):
            return commit(units)
        future: asyncio.Future[list[Result]] = asyncio.get_running_loop().create_future()
        held.append((future, units))
        return future

    node.store.commit = late  # type: ignore[method-assign]
    await node.send("m1")
    node.carrier.come_and_go(True)
    await wait_until_async(lambda: len(held) == 1)
    await node.send("m2")
    await wait_until_async(lambda: len(held) == 2)
    for future, units in reversed(held):
        future.set_result(await commit(units))
        await turns()
    await node.until_submitted(2)
    assert node.carrier.sent == ["m1", "m2"]


async def test_a_connector_that_raises_leaves_nothing_in_flight(node: Node) -> None:
    """Its contract forbids it. What it had not reported by then is unknown, and the rest of the flight goes."""

    def broken(submission: Submission) -> None:
        if submission.message.text == "short":
            raise RuntimeError("a bug")
        if submission.message.text == LONG:
            node.carrier.answer(submission, 1, node.carrier.accept(submission, 1))
            raise RuntimeError("a bug")

    node.carrier.connected = False
    texts = ("short", LONG, "after them")
    messages = [await node.send(text, on_unknown="hold") for text in texts]
    node.carrier.on_submit, node.carrier.script = broken, node.carrier.accept
    with capture_logs() as logs:
        node.carrier.come_and_go(True)
        await node.until_status(messages[0], "held")
        await node.until_status(messages[1], "held")
        await node.until_status(messages[2], "sent")
    assert [line["event"] for line in logs].count("submit_failed") == 2
    assert [a.outcome for a in await node.attempts(messages[1])] == ["unknown", "accepted"]
    await node.until_idle()
    assert not await node.store.fetch("flights_of_lease", lease=node.lease)
