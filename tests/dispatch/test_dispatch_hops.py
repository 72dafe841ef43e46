"""Hops: the sender that a route sets on a carrier, and what a segment costs there, on both engines."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from onesixty.core.contracts import CarrierConfig
from onesixty.core.errors import Problem
from onesixty.core.message import Attempt, Message
from onesixty.core.outcomes import Outcome
from onesixty.jobs.bulk import REQUEUE, REROUTE, Target
from onesixty.messages.drafts import Step
from onesixty.network.tables import CARRIERS
from onesixty.store.units import Unit
from tests.messages.rules import NotThere
from tests.support.message_path import Node, bulk_of
from tests.support.waiting import wait_until_async

NewNode = Callable[..., Awaitable[Node]]
Shared = dict[str, Any]

LONG = "All segments of a message go over one carrier. " * 6
REFUSED = Outcome("permanent", code="carrier_refused")
UNKNOWN = Outcome("unknown", code="outcome_unknown")
COSTS = {"car_a": 4000, "car_b": 5500}


def over(carrier_id: str, sender: str | None = None) -> dict[str, str]:
    return {"carrier": carrier_id} | ({"sender": sender} if sender else {})


async def started(new_node: NewNode, *carriers: dict[str, str], **how: Any) -> Node:
    """A node whose only route has these carriers."""
    node = await new_node(carriers=("car_a", "car_b"), **how)
    node.load_routes({"default": carriers}, COSTS)
    return node


def senders(node: Node, carrier_id: str) -> list[str]:
    """The senders of what the carrier was handed."""
    return [submission.rendered.sender for submission in node.carriers[carrier_id].submissions]


def spent(attempts: list[Attempt]) -> list[tuple[str, str | None, int | None, str | None]]:
    return [(a.outcome, a.sender, a.cost, a.currency) for a in attempts]


async def test_the_next_hop_has_its_own_sender_and_cost(engine_url: str, new_node: NewNode) -> None:
    node = await started(new_node, over("car_a"), over("car_b", "Spare"), url=engine_url)
    one, other = node.carriers.values()
    one.script = lambda submission, segment: REFUSED
    other.script = other.accept
    sent = await node.until_status(await node.send(), "sent")
    assert (senders(node, "car_a"), senders(node, "car_b")) == (["Acme"], ["Spare"])
    assert (sent.sender, sent.sender_used, sent.carrier_id) == ("Acme", "Spare", "car_b")
    assert spent(await node.attempts(sent)) == [
        ("permanent", None, None, None),
        ("accepted", "Spare", 5500, "EUR"),
    ]


async def test_a_hop_without_a_sender_has_the_message_s_own_whatever_was_used_before(
    new_node: NewNode,
) -> None:
    node = await started(new_node, over("car_a", "Spare"), over("car_b"))
    one, other = node.carriers.values()
    one.script = lambda submission, segment: REFUSED
    other.script = other.accept
    sent = await node.until_status(await node.send(), "sent")
    assert (senders(node, "car_a"), senders(node, "car_b")) == (["Spare"], ["Acme"])
    assert sent.sender_used == "Acme"


async def test_a_waiting_message_goes_as_the_route_is_by_then(new_node: NewNode) -> None:
    node = await started(new_node, over("car_a", "Old"))
    node.carrier.connected = False
    waiting = await node.send()
    node.load_routes({"default": [over("car_a", "New")]}, {"car_a": 1})
    node.carrier.script = node.carrier.accept
    node.carrier.come_and_go(True)
    sent = await node.until_status(waiting, "sent")
    assert spent(await node.attempts(sent)) == [("accepted", "New", 1, "EUR")]


async def test_a_message_that_comes_back_goes_as_the_route_is_by_then(new_node: NewNode) -> None:
    """The carrier took nothing of it, so nothing binds it to the sender of the first try."""
    node = await started(new_node, over("car_a", "Old"))
    message = await node.send(LONG)
    (first,) = await node.until_submitted(1)
    node.load_routes({"default": [over("car_a", "New")]}, {"car_a": 1})
    node.carrier.script = node.carrier.accept
    for segment in first.pending:
        node.carrier.answer(first, segment, Outcome("throttled"))
    sent = await node.until_status(message, "sent")
    assert senders(node, "car_a") == ["Old", "New"]
    assert spent(await node.attempts(sent)) == [("accepted", "New", 1, "EUR")] * 2


async def test_a_message_of_another_node_goes_with_the_sender_of_its_hop(
    engine_url: str, new_node: NewNode
) -> None:
    node = await started(new_node, over("car_a", "Spare"), url=engine_url)
    node.carrier.window = 0
    claimed = await node.send()
    await node.close()
    after = await started(new_node, over("car_a", "Spare"), url=engine_url)
    after.carrier.script = after.carrier.accept
    after.path.queues["car_a"].wake()
    await after.until_status(claimed, "sent")
    assert senders(after, "car_a") == ["Spare"]


async def test_the_rest_of_a_message_keeps_the_sender_of_what_was_taken(
    engine_url: str, new_node: NewNode
) -> None:
    """No handset joins parts of two senders, so the route of today does not count."""
    node = await started(new_node, over("car_a", "Old"), url=engine_url)
    message = await node.send(LONG)
    (first,) = await node.until_submitted(1)
    node.carrier.answer(first, 0, node.carrier.accept(first, 0))
    node.carrier.answer(first, 1, Outcome("throttled"))
    await node.until_submitted(2)
    await node.close()

    after = await started(new_node, over("car_a", "New"), url=engine_url)
    after.carrier.script = after.carrier.accept
    after.path.queues["car_a"].wake()
    sent = await after.until_status(message, "sent")
    (rest,) = after.carrier.submissions
    assert (rest.pending, rest.concat_reference, rest.rendered.sender) == ([1], first.concat_reference, "Old")
    assert sent.sender_used == "Old"
    assert {a.sender for a in await after.attempts(message)} == {"Old"}


async def test_a_receipt_finds_a_held_message_by_the_sender_that_was_used(
    engine_url: str, new_node: NewNode
) -> None:
    """Also after the node died: the flight named the sender."""
    node = await started(new_node, over("car_a", "Spare"), url=engine_url)
    message = await node.send(on_unknown="hold")
    await node.until_submitted(1)
    await node.close()
    after = await new_node(engine_url)
    assert (await after.get(message)).status == "held"
    (lost,) = await after.attempts(message)
    assert (lost.outcome, lost.sender) == ("unknown", "Spare")
    after.receipt("unheard-of", sender="Acme")
    await after.until_idle()
    assert (await after.get(message)).status == "held", "Acme sent nothing"
    after.receipt("unheard-of", sender="Spare")
    assert (await after.until_status(message, "delivered")).status == "delivered"


async def test_an_answer_that_is_found_late_tells_the_sender_and_the_cost(
    shared: Shared, new_node: NewNode
) -> None:
    fenced = await started(new_node, over("car_a", "Spare"), **shared)
    message = await fenced.send()
    await fenced.until_submitted(1)
    other = await new_node(**shared, carriers=())
    fenced.carrier.answer_all(fenced.carrier.submissions[0])
    found = await other.until_status(message, "sent")
    assert found.sender_used == "Spare"
    assert spent(await other.attempts(message)) == [("accepted", "Spare", 4000, "EUR")]


async def test_what_may_have_arrived_costs_and_what_was_never_taken_does_not(new_node: NewNode) -> None:
    node = await started(new_node, over("car_a"))
    outcomes = iter([Outcome("throttled"), UNKNOWN, Outcome("retryable", code="carrier_busy"), UNKNOWN])
    node.carrier.script = lambda submission, segment: next(outcomes)
    message = await node.send(on_unknown="resend")
    await node.until_submitted(2)
    await wait_until_async(lambda: len(node.carrier.submissions) == 3, timeout=20, what="a third try")
    await node.until_idle()
    assert [(a.outcome, a.cost) for a in await node.attempts(message)] == [
        ("unknown", 4000),
        ("retryable", None),
    ]


async def test_costs_are_counted_by_carrier(engine_url: str, new_node: NewNode) -> None:
    costs = {"car_a": 4_000_000, "car_b": 5_500_000}
    node = await new_node(engine_url, carriers=("car_a", "car_b"))
    node.load_routes({"default": ("car_a", "car_b")}, costs)
    row = CarrierConfig(
        id="car_a", name="a", type="fake", settings="{}", enabled=True, version=1, created_at=0,
        cost_per_segment=costs["car_a"],
    )  # fmt: skip
    await node.store.commit([Unit(("car_a",), writes=(("carriers_insert", CARRIERS.values(row)),))])
    one, other = node.carriers.values()
    one.script = lambda submission, segment: REFUSED if submission.message.text == "bad" else UNKNOWN
    other.script = other.accept
    await node.until_status(await node.send("bad"), "sent")
    await node.until_status(await node.send(on_unknown="hold"), "held")
    assert node.counted("costs", "car_b", "EUR") == 5, "5.50 EUR"
    assert node.counted("costs", "car_a", "EUR") == 4
    one.script = None
    await node.send(LONG, on_unknown="hold")
    await node.until_submitted(3)
    await node.close()
    after = await new_node(engine_url, carriers=("car_a", "car_b"))
    assert after.recovered == (1, 0)
    assert after.counted("costs", "car_a", "EUR") == 8, "two segments whose outcome nobody saw"


async def test_test_traffic_costs_nothing(new_node: NewNode) -> None:
    node = await started(new_node, over("car_a"), test_carriers=("car_a",))
    assert [a.cost for a in await node.attempts(await node.sent(test=True))] == [None]
    assert [a.cost for a in await node.attempts(await node.sent())] == [4000]


# ---------------------------------------------------------------- a rule that keeps a sender off a carrier


async def ruled(new_node: NewNode, rule: Step, *carriers: dict[str, str], **how: Any) -> Node:
    return await started(new_node, *carriers, rules=[rule], **how)


async def test_a_rule_takes_a_hop_away_at_a_send(new_node: NewNode) -> None:
    node = await ruled(new_node, NotThere("Bad", "car_a"), over("car_a", "Bad"), over("car_b"))
    assert (await node.send()).carrier_id == "car_b"
    node.load_routes({"default": [over("car_a", "Bad")]})
    (refused,) = await node.intake.accept([node.order()])
    assert isinstance(refused, Problem)
    assert (refused.code, refused.rule) == ("no_route", "not there")


async def test_a_rule_takes_the_next_hop_away_at_failover(new_node: NewNode) -> None:
    rule = NotThere("Bad", "car_b", on=False)
    node = await ruled(new_node, rule, over("car_a"), over("car_b", "Bad"))
    message = await node.send()
    await node.until_submitted(1)
    rule.on = True
    node.carrier.answer_all(node.carrier.submissions[0], REFUSED)
    assert (await node.until_status(message, "failed")).error_code == "carrier_refused"
    assert not node.carriers["car_b"].submissions


async def held(node: Node) -> Message:
    """A message with an unknown outcome, held at the first carrier."""
    node.carrier.script = lambda submission, segment: UNKNOWN
    return await node.until_status(await node.send(on_unknown="hold"), "held")


async def test_a_rule_takes_a_hop_away_when_a_held_message_is_requeued(new_node: NewNode) -> None:
    rule = NotThere("Bad", "car_a", on=False)
    node = await ruled(new_node, rule, over("car_a", "Bad"), over("car_b"))
    message = await held(node)
    rule.on = True
    other = node.carriers["car_b"]
    other.script = other.accept
    assert (await bulk_of(node).work(REQUEUE, [message], Target())).counts == {"done": 1}
    assert (await node.until_status(message, "sent")).carrier_id == "car_b"


@pytest.mark.parametrize("left", [True, False])
async def test_a_rule_takes_a_hop_away_at_a_reroute(new_node: NewNode, left: bool) -> None:
    node = await ruled(new_node, NotThere("Bad", "car_a"), over("car_b"))
    node.carriers["car_b"].window = 0
    waiting = await node.send()
    spare = [over("car_a", "Bad"), *([over("car_b", "Good")] if left else [])]
    node.load_routes({"default": [over("car_b")], "spare": spare})
    done = await bulk_of(node).work(REROUTE, [waiting], Target(route="rte_spare"))
    assert done.counts == ({"done": 1} if left else {"no_route": 1})
    assert (await node.get(waiting)).carrier_id == "car_b"
