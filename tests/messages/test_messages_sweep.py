"""The sweep: what is due happens, what is not costs nothing."""

import asyncio
from collections.abc import Awaitable, Callable

from onesixty.core.outcomes import Outcome
from onesixty.messages.sweep import PAGE
from onesixty.store.units import Result, Unavailable, Unit
from tests.support.message_path import Node
from tests.support.waiting import wait_until_async

NewNode = Callable[..., Awaitable[Node]]
YEAR = 365 * 86_400
LONG = "All segments of a message go over one carrier. " * 6  # 2 segments


async def test_a_scheduled_message_is_released_when_it_is_due(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url)
    node.carrier.script = node.carrier.accept
    message = await node.send(scheduled_at=node.clock.now_ms() + 60_000)
    await node.sweep.once()
    assert (await node.get(message)).status == "scheduled"
    node.clock.advance(60)
    await node.sweep.once()
    found = await node.until_status(message, "sent")
    assert found.queued_at is not None
    assert await node.events(message) == ["message.queued", "message.sent"]
    assert await node.ledger(message) == {"hold": (7500, 0), "settle": (-7500, 7500)}


async def test_a_schedule_a_year_ahead_blocks_nothing_and_costs_nothing(
    engine_url: str, new_node: NewNode
) -> None:
    """Scheduled messages far ahead must not block what is due."""
    node = await new_node(engine_url)
    node.carrier.script = node.carrier.accept
    far = node.clock.now_ms() + YEAR * 1000
    await node.intake.accept([node.order(scheduled_at=far) for _ in range(PAGE + 100)])
    due = await node.send(scheduled_at=node.clock.now_ms() + 1000)
    node.clock.advance(1)
    await node.sweep.once()
    await node.until_status(due, "sent")
    assert node.counted("sweep_rows", "released") == 1
    await wait_until_async(lambda: node.row_counts.rows["flight_close"], what="the end of its flight")
    before = sum(node.row_counts.rows.values())
    await node.sweep.once()
    assert sum(node.row_counts.rows.values()) == before


async def test_more_than_a_page_is_due_at_once(new_node: NewNode) -> None:
    node = await new_node(lane_capacity=2000, window=2000)
    at = node.clock.now_ms() + 1000
    await node.intake.accept([node.order(f"{n:04}", scheduled_at=at) for n in range(PAGE + 50)])
    node.clock.advance(1)
    await node.sweep.once()
    assert node.counted("sweep_rows", "released") == PAGE + 50
    await node.until_submitted(PAGE + 50)
    assert node.carrier.sent == sorted(node.carrier.sent), "in the order in which they were accepted"


async def test_a_release_is_routed_anew(new_node: NewNode) -> None:
    node = await new_node(carriers=("car_a", "car_b"))
    message = await node.send(scheduled_at=node.clock.now_ms() + 1000)
    lost = await node.send(scheduled_at=node.clock.now_ms() + 1000, route="default")
    node.load_routes({"new": ("car_b",)})
    node.carriers["car_b"].script = node.carriers["car_b"].accept
    node.clock.advance(1)
    await node.sweep.once()
    assert (await node.until_status(message, "sent")).carrier_id == "car_b"
    found = await node.get(lost)
    assert (found.status, found.error_code) == ("failed", "unknown_route")
    assert "release" in await node.ledger(lost)


async def test_what_was_asleep_past_its_validity_expires(node: Node) -> None:
    message = await node.send(scheduled_at=node.clock.now_ms() + 1000, valid_for=10)
    node.clock.advance(3600)
    await node.sweep.once()
    assert (await node.get(message)).status == "expired"


async def test_a_busy_carrier_is_tried_again_later(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url)
    node.carrier.script = lambda submission, segment: Outcome("retryable", code="carrier_busy")
    message = await node.send()
    await wait_until_async(lambda: node.attempts(message), what="the attempt")
    await node.until_idle()
    assert (await node.get(message)).claim == -1
    await node.sweep.once()
    assert len(node.carrier.sent) == 1, "not before its time"
    node.carrier.script = node.carrier.accept
    node.clock.advance(3)
    await node.sweep.once()
    found = await node.until_status(message, "sent")
    assert found.attempts == 2
    assert node.counted("sweep_rows", "retried") == 1


async def test_the_rest_of_a_long_message_is_tried_again_alone(node: Node) -> None:
    message = await node.send(LONG)
    (first,) = await node.until_submitted(1)
    node.carrier.answer(first, 0, node.carrier.accept(first, 0))
    node.carrier.answer(first, 1, Outcome("retryable", code="carrier_busy"))
    await node.until_idle()
    node.clock.advance(3)
    node.carrier.script = node.carrier.accept
    await node.sweep.once()
    await node.until_status(message, "sent")
    assert node.carrier.submissions[1].pending == [1]
    assert node.carrier.submissions[1].concat_reference == first.concat_reference


async def test_what_waits_too_long_expires_in_the_lane_and_in_the_database(
    engine_url: str, new_node: NewNode
) -> None:
    """A carrier is down; what it does not come back for ends, and its money is released."""
    node = await new_node(engine_url, lane_capacity=4)
    node.carrier.connected = False
    messages = await node.intake.accept([node.order(valid_for=60) for _ in range(6)])
    assert [m.claim > 0 for m in messages] == [True] * 2 + [False] * 4
    node.clock.advance(60)

    async def all_expired() -> bool:
        await node.sweep.once()  # a row that a refill claims at this moment is found by the next look
        return {(await node.get(m)).status for m in messages} == {"expired"}

    await wait_until_async(all_expired)
    for message in messages:
        assert (await node.get(message)).error_code == "validity_passed"
        assert await node.ledger(message) == {"hold": (7500, 0), "release": (-7500, 0)}
        assert await node.events(message) == ["message.expired"]
    assert not node.dispatcher.queues["car_a"].lane


async def test_what_is_in_flight_at_the_end_of_its_validity_is_decided_by_its_outcome(node: Node) -> None:
    message = await node.send(valid_for=10)
    (submission,) = await node.until_submitted(1)
    node.clock.advance(11)
    await node.sweep.once()
    assert (await node.get(message)).status == "queued"
    node.carrier.answer_all(submission)
    await node.until_status(message, "sent")


async def test_a_parked_rest_whose_validity_passed_is_undelivered_and_paid_for(node: Node) -> None:
    """Expired means before any carrier took it."""
    message = await node.send(LONG, valid_for=10)
    (first,) = await node.until_submitted(1)
    node.carrier.answer(first, 0, node.carrier.accept(first, 0))
    node.carrier.answer(first, 1, Outcome("retryable", code="carrier_busy"))
    await node.until_idle()
    node.clock.advance(11)
    await node.sweep.once()
    found = await node.get(message)
    assert (found.status, found.error_code) == ("undelivered", "validity_passed")
    assert await node.ledger(message) == {"hold": (15000, 0), "settle": (-15000, 15000)}


async def test_without_a_final_receipt_in_time_it_is_unconfirmed(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url)
    message = await node.sent(valid_for=60)
    node.clock.advance(60 + 3599)
    await node.sweep.once()
    assert (await node.get(message)).status == "sent"
    node.clock.advance(2)
    await node.sweep.once()
    found = await node.get(message)
    assert (found.status, found.error_code) == ("unconfirmed", "receipt_timeout")
    assert await node.events(message) == ["message.sent", "message.unconfirmed"]


async def test_what_its_receipts_say_wins_over_the_time_out(node: Node) -> None:
    message = await node.sent(LONG, valid_for=60)
    await node.receipts(("car_a-1", 2), ("car_a-2", 1))
    # Both parts ended, but nobody drew the conclusion: as after a crash between two nodes' receipts.
    row = (message.id, 1, 1, "delivered", None, 1, None)
    await node.store.commit([Unit(keys=(message.id,), writes=(("attempt_state", row),))])
    node.clock.advance(4000)
    await node.sweep.once()
    assert (await node.get(message)).status == "delivered"


async def test_a_held_message_is_unconfirmed_at_the_end_of_its_validity(node: Node) -> None:
    message = await node.send(on_unknown="hold", valid_for=60)
    (submission,) = await node.until_submitted(1)
    node.carrier.answer_all(submission, Outcome("unknown", code="outcome_unknown"))
    await node.until_status(message, "held")
    node.clock.advance(60)
    await node.sweep.once()
    found = await node.get(message)
    assert (found.status, found.error_code) == ("unconfirmed", "outcome_unknown")
    assert await node.ledger(message) == {"hold": (7500, 0), "release": (-7500, 0)}


async def test_what_could_not_be_written_stays_where_it_was(node: Node) -> None:
    """The store is away while the sweep withdraws from lanes and reserves places."""
    node.carrier.connected = False
    expiring = await node.send(valid_for=10)
    scheduled = await node.send(scheduled_at=node.clock.now_ms() + 5000)
    lane = node.dispatcher.queues["car_a"].lane
    node.clock.advance(10)

    def refuse(unit: Unit) -> Result | None:
        return Unavailable("full")

    node.store.refuse = refuse
    await node.sweep.once()
    assert lane.get(expiring.id) is not None
    assert lane.room == 999
    node.store.refuse = lambda unit: None
    await node.sweep.once()
    assert (await node.get(expiring)).status == "expired"
    assert (await node.get(scheduled)).status == "queued"


async def test_receipts_that_cannot_be_written_do_not_keep_the_sweep_for_ever(node: Node) -> None:
    """More than a page of receipts is due while the store is away."""
    for number in range(PAGE + 10):
        node.receipt(f"nobody-{number}")
    await wait_until_async(lambda: node.receipt_desk.idle)
    node.clock.advance(5)
    node.store.refuse = lambda unit: Unavailable("full")
    await asyncio.wait_for(node.sweep.once(), 20)
    node.store.refuse = lambda unit: None
    await node.sweep.once()
    node.clock.advance(1)
    await node.sweep.once()
    due = await node.store.fetch("receipts_due", now=node.clock.now_ms(), count=1)
    assert not due, "all of them have their next time"


async def test_it_runs_by_itself_and_stops(node: Node) -> None:
    node.carrier.script = node.carrier.accept
    message = await node.send(scheduled_at=node.clock.now_ms() + 10)
    node.sweep.rounds.start()
    await node.until_status(message, "sent")
    await node.sweep.rounds.stop()
    await node.sweep.rounds.stop()
