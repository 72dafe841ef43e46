"""What a fenced node learned from its carrier moves the message: on both engines, whoever has it by then."""

from collections.abc import Awaitable, Callable
from typing import Any

from onesixty.core.message import Message
from onesixty.core.outcomes import Outcome
from onesixty.reports.audit import Terms, run_audit
from onesixty.store.units import Unit
from tests.support.message_path import Node
from tests.support.waiting import wait_until_async

NewNode = Callable[..., Awaitable[Node]]
Shared = dict[str, Any]
LONG = "All segments of a message go over one carrier. " * 6


async def two(
    shared: Shared, new_node: NewNode, text: str = "hello", **fields: object
) -> tuple[Node, Node, Message]:
    """A node that was fenced with a message in flight, the one that recovered it, and the message there. The line of
    the second one stands still: nothing has been claimed yet."""
    fenced = await new_node(**shared)
    message = await fenced.send(text, **fields)
    await fenced.until_submitted(1)
    other = await new_node(**shared, carriers=())
    assert other.recovered == (1, 0)
    return fenced, other, message


async def sound(node: Node) -> list[str]:
    """What the audit finds."""
    found = await run_audit(node.store, Terms(now=node.clock.now_ms(), charge_on="sent"))  # type: ignore[arg-type]
    return [f"{finding.name}: {finding.ids}" for finding in found if finding.count]


async def test_an_answer_that_a_fenced_node_saw_sends_the_message(shared: Shared, new_node: NewNode) -> None:
    """The event, the ledger row and the time until which receipts may come belong to it."""
    fenced, other, message = await two(shared, new_node)
    fenced.carrier.answer_all(fenced.carrier.submissions[0])
    found = await other.until_status(message, "sent")
    assert (found.duplicates, found.attempts, found.claim) == (0, 1, 0)
    assert found.due_at == message.expires_at + fenced.carrier.receipt_timeout_ms
    assert found.sender_used == "Acme"
    assert await other.events(message) == ["message.sent"]
    assert "settle" in await other.ledger(message)
    (attempt,) = await other.attempts(message)
    assert (attempt.outcome, attempt.carrier_message_id, attempt.bind) == ("accepted", "car_a-1", "b0")
    assert attempt.found_at is not None
    await fenced.until_idle()
    assert await sound(other) == []


async def test_a_receipt_that_another_node_kept_is_applied_with_it(shared: Shared, new_node: NewNode) -> None:
    fenced, other, message = await two(shared, new_node)
    other.carriers["car_a"] = fenced.carrier
    await other.receipts(("car_a-1", 2))
    assert other.acks == [True]
    fenced.carrier.answer_all(fenced.carrier.submissions[0])
    await other.until_status(message, "delivered")
    await fenced.until_idle()
    assert await sound(other) == []


async def test_a_message_that_is_held_for_its_unknown_outcome_is_sent(
    shared: Shared, new_node: NewNode
) -> None:
    fenced, other, message = await two(shared, new_node, on_unknown="hold")
    assert (await other.get(message)).status == "held"
    fenced.carrier.answer_all(fenced.carrier.submissions[0])
    found = await other.until_status(message, "sent")
    assert (found.duplicates, found.error_code) == (0, None)
    assert await sound(other) == []


async def test_what_the_other_node_has_sent_again_is_left_to_it(shared: Shared, new_node: NewNode) -> None:
    """The first answer goes onto its attempt; the second one sends the message, and both are counted."""
    fenced = await new_node(**shared)
    message = await fenced.send()
    (first,) = await fenced.until_submitted(1)
    other = await new_node(**shared)
    other.path.queues["car_a"].wake()
    (again,) = await other.until_submitted(1)
    fenced.carrier.answer_all(first)
    await fenced.until_idle()
    assert (await other.get(message)).status == "queued"
    assert await sound(other) == []
    other.carrier.answer_all(again, Outcome("accepted", carrier_message_id="second"))
    found = await other.until_status(message, "sent")
    assert found.duplicates == 1
    assert [a.carrier_message_id for a in await other.attempts(message)] == ["car_a-1", "second"]
    assert await sound(other) == []


async def test_of_a_message_of_which_a_part_was_taken_the_rest_goes_out(
    shared: Shared, new_node: NewNode
) -> None:
    """It goes on under the reference that the first part has."""
    fenced, other, message = await two(shared, new_node, LONG)
    (first,) = fenced.carrier.submissions
    fenced.carrier.answer(first, 0, fenced.carrier.accept(first, 0))
    fenced.carrier.answer(first, 1, Outcome("unknown", code="outcome_unknown"))
    await fenced.until_idle()
    assert (await other.get(message)).status == "queued"
    await other.close()
    third = await new_node(**shared)
    third.carrier.script = third.carrier.accept
    third.path.queues["car_a"].wake()
    await third.until_status(message, "sent")
    (rest,) = third.carrier.submissions
    assert (rest.pending, rest.concat_reference) == ([1], first.concat_reference)
    assert await sound(third) == []


async def test_parts_taken_under_two_references_make_no_whole(shared: Shared, new_node: NewNode) -> None:
    """One node knows of the second part, the other sent all again and knows of the first. No handset joins them."""
    fenced = await new_node(**shared)
    message = await fenced.send(LONG)
    (first,) = await fenced.until_submitted(1)
    fenced.carrier.answer(first, 0, Outcome("unknown", code="outcome_unknown"))
    other = await new_node(**shared)
    other.path.queues["car_a"].wake()
    (again,) = await other.until_submitted(1)
    fenced.carrier.answer(first, 1, fenced.carrier.accept(first, 1))
    await fenced.until_idle()
    other.carrier.answer(again, 0, other.carrier.accept(again, 0))
    other.carrier.answer(again, 1, Outcome("unknown", code="outcome_unknown"))
    await other.until_idle()
    await other.close()
    third = await new_node(**shared)
    third.carrier.script = third.carrier.accept
    third.clock.advance(3600)
    await third.sweep.once()
    await third.until_status(message, "sent")
    (rest,) = third.carrier.submissions
    assert first.concat_reference != again.concat_reference
    assert (rest.pending, rest.concat_reference) == ([1], again.concat_reference)
    assert await sound(third) == []


async def test_a_refusal_that_a_fenced_node_saw_is_kept_and_the_message_tried_again(
    shared: Shared, new_node: NewNode
) -> None:
    fenced, other, message = await two(shared, new_node)
    refusal = Outcome("permanent", code="recipient_refused", carrier_code="11")
    fenced.carrier.answer_all(fenced.carrier.submissions[0], refusal)
    await fenced.until_idle()
    assert (await other.get(message)).status == "queued"
    (attempt,) = await other.attempts(message)
    assert (attempt.outcome, attempt.carrier_code) == ("permanent", "11")
    assert await sound(other) == []


async def test_what_has_nothing_left_to_send_enters_no_lane(shared: Shared, new_node: NewNode) -> None:
    """As a version before this one left it: every segment accepted, the message queued, its claim of a dead lease."""
    fenced, other, message = await two(shared, new_node)
    (attempt,) = await other.attempts(message)
    await other.close()
    await fenced.store.commit([_as_accepted(attempt.attempt, message)])
    third = await new_node(**shared)
    third.carrier.script = third.carrier.accept
    third.path.queues["car_a"].wake()
    await third.until_status(message, "sent")
    assert third.carrier.submissions == []
    assert await sound(third) == []


async def test_a_message_whose_carrier_accepted_all_of_it_does_not_expire(
    shared: Shared, new_node: NewNode
) -> None:
    _fenced, other, message = await two(shared, new_node)
    (attempt,) = await other.attempts(message)
    await other.store.commit([_as_accepted(attempt.attempt, message)])
    other.clock.advance(2 * 86_400)
    await other.sweep.once()
    assert (await other.get(message)).status == "sent"


async def test_evidence_waits_for_a_store_that_is_away(shared: Shared, new_node: NewNode) -> None:
    fenced, other, message = await two(shared, new_node)
    fenced.carrier.answer_all(fenced.carrier.submissions[0])
    fenced.store.down = True
    await wait_until_async(lambda: not fenced.dispatcher.idle, what="an outcome on its way")
    fenced.store.down = False
    await other.until_status(message, "sent")


def _as_accepted(attempt: int, message: Message) -> Unit:
    """The answer on its attempt, and the message where it was."""
    row = (message.id, attempt, 0, "accepted", "known", "known", message.created_at)
    return Unit(keys=(message.id,), writes=(("attempt_found", row),))
