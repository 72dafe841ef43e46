"""Intake: each order becomes a message on disk or a refusal that names its field."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.core.orders import Replay
from onesixty.messages.steps import FARTHEST_SCHEDULE_MS, LONGEST_VALIDITY
from onesixty.store.units import Poisoned, Unavailable
from tests.support.message_path import START_MS, Node
from tests.support.waiting import wait_until_async

NewNode = Callable[..., Awaitable[Node]]

#: What is wrong with an order, the code of the refusal, and the field that it names.
REFUSALS: list[tuple[dict[str, Any], str, str | None]] = [
    ({"recipient": ""}, "invalid_recipient", "to"),
    ({"recipient": "hello"}, "invalid_recipient", "to"),
    ({"recipient": "+1555"}, "invalid_recipient", "to"),
    ({"recipient": "5551234567"}, "invalid_recipient", "to"),
    ({"recipient": "+999123456789"}, "invalid_recipient", "to"),
    ({"recipient": "+15551234567890123"}, "invalid_recipient", "to"),
    ({"sender": ""}, "invalid_sender", "from"),
    ({"sender": "TwelveLetter"}, "invalid_sender", "from"),
    ({"sender": "Sm\u00f6rg\u00e5s"}, "invalid_sender", "from"),
    ({"sender": "+12"}, "invalid_sender", "from"),
    ({"text": ""}, "text_empty", "text"),
    ({"text": "x" * 2000}, "text_too_long", "text"),
    ({"text": "x" * 100_000}, "text_too_long", "text"),
    ({"text": "x" * 161, "max_segments": 1}, "text_too_long", "text"),
    ({"text": "caf\u0119", "encoding": "gsm7"}, "not_encodable", "text"),
    ({"text": "\ud83d"}, "invalid_field", "text"),
    ({"scheduled_at": START_MS - 1}, "scheduled_in_past", "scheduled_at"),
    ({"scheduled_at": START_MS + FARTHEST_SCHEDULE_MS + 60_000}, "scheduled_too_far", "scheduled_at"),
    ({"valid_for": 0}, "invalid_field", "valid_for"),
    ({"valid_for": LONGEST_VALIDITY + 1}, "invalid_field", "valid_for"),
    ({"route": "nowhere"}, "unknown_route", "route"),
    ({"test": True}, "no_route", None),
    ({"class_": "otp", "account_id": "acc_no_otp"}, "forbidden", "class"),
    ({"status_callback": "http://127.0.0.1/hook"}, "url_not_allowed", "status_callback"),
]


@pytest.mark.parametrize(("wrong", "code", "param"), REFUSALS)
async def test_bad_orders_are_refused_by_name(
    node: Node, wrong: dict[str, Any], code: str, param: str | None
) -> None:
    """Nothing is cut, guessed or swallowed; each refusal names its field."""
    (result,) = await node.intake.accept([node.order(**wrong)])
    assert isinstance(result, Problem)
    assert (result.code, result.param) == (code, param)
    assert node.counted("intake_refused", code) == 1
    assert not any(name.startswith("message_insert") for name in node.row_counts.rows)
    assert node.dispatcher.queues["car_a"].lane.room == 1000, "no place stays reserved"


async def test_refusals_say_what_exactly_is_wrong(node: Node) -> None:
    """Segments counted, offending characters shown."""
    results = await node.intake.accept(
        [node.order("caf\u0119 caf\u0119", encoding="gsm7"), node.order("x" * 161, max_segments=1)]
    )
    first, second = results
    assert isinstance(first, Problem)
    assert isinstance(second, Problem)
    assert first.extra == {
        "characters": [{"character": "\u0119", "position": 3}, {"character": "\u0119", "position": 8}]
    }
    assert second.extra == {"segments": 2, "allowed": 1}


async def test_over_the_limit_it_is_refused_and_never_cut(node: Node) -> None:
    assert (await node.send("x" * 153 * 10)).segments == 10
    (result,) = await node.intake.accept([node.order("x" * (153 * 10 + 1))])
    assert isinstance(result, Problem)
    assert result.code == "text_too_long"


async def test_an_accepted_message_is_on_disk(engine_url: str, new_node: NewNode) -> None:
    """Accepted means that it is on disk."""
    node = await new_node(engine_url)
    accepted = await node.send("hello", reference="r1", tags=["a", "b"], priority=3)
    assert await node.get(accepted) == accepted
    assert (accepted.recipient, accepted.country, accepted.price) == ("+15551234567", "US", 7500)
    assert (accepted.status, accepted.claim, accepted.route_id) == ("queued", node.lease, "rte_default")
    assert accepted.due_at == accepted.expires_at
    assert node.counted("intake_accepted", "transactional") == 1


async def test_a_batch_is_answered_by_index(node: Node) -> None:
    orders = [node.order(f"m{n}", **({"recipient": "bad"} if n % 3 == 0 else {})) for n in range(20)]
    results = await node.intake.accept(orders)
    for index, result in enumerate(results):
        if index % 3 == 0:
            assert isinstance(result, Problem)
        else:
            assert isinstance(result, Message)
            assert result.text == f"m{index}"


async def test_nothing_in_a_batch_is_fine_too(node: Node) -> None:
    assert await node.intake.accept([]) == []
    results = await node.intake.accept([node.order(recipient="bad")])
    assert isinstance(results[0], Problem)


@pytest.mark.parametrize(
    ("class_", "seconds", "on_unknown"),
    [("otp", 300, "resend"), ("transactional", 86_400, "resend"), ("marketing", 172_800, "hold")],
)
async def test_what_a_class_means(node: Node, class_: str, seconds: int, on_unknown: str) -> None:
    message = await node.send(class_=class_)
    assert message.expires_at - message.created_at == seconds * 1000
    assert message.on_unknown == on_unknown
    chosen = await node.send(class_=class_, valid_for=60, on_unknown="hold")
    assert (chosen.expires_at - chosen.created_at, chosen.on_unknown) == (60_000, "hold")


async def test_validity_of_a_scheduled_message_counts_from_its_time(node: Node) -> None:
    at = node.clock.now_ms() + 3_600_000
    message = await node.send(scheduled_at=at, class_="otp")
    assert (message.status, message.due_at, message.expires_at) == ("scheduled", at, at + 300_000)
    assert (message.claim, message.queued_at) == (0, None)
    assert node.dispatcher.queues["car_a"].lane.room == 1000


async def test_test_traffic_goes_to_a_simulated_carrier_and_costs_nothing(new_node: NewNode) -> None:
    node = await new_node(carriers=("car_a", "car_b"), test_carriers=("car_b",))
    message = await node.send(test=True)
    assert (message.carrier_id, message.price) == ("car_b", 0)
    assert await node.ledger(message) == {}


async def test_who_hangs_up_still_has_his_message_sent(node: Node) -> None:
    """A caller who is gone never cancels his unit, and the lane gets the message."""
    task = asyncio.ensure_future(node.intake.accept([node.order("m1")]))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await node.until_submitted(1)
    assert node.carrier.sent == ["m1"]


async def test_when_the_store_cannot_write_the_answer_is_retryable(node: Node) -> None:
    """Everyone is answered 503, and no place stays reserved."""
    node.store.down = True
    (result,) = await node.intake.accept([node.order()])
    assert isinstance(result, Problem)
    assert (result.code, result.kind.retryable, result.retry_after) == ("unavailable", True, 1)
    assert node.dispatcher.queues["car_a"].lane.room == 1000
    node.store.down = False
    await node.send()


async def test_one_poison_message_is_refused_alone(node: Node) -> None:

    def refuse(unit: Any) -> Any:
        poison = any(name.startswith("message_insert") and "bad" in row for name, row in unit.writes)
        return Poisoned("no") if poison else None

    node.store.refuse = refuse
    first, bad, last = await node.intake.accept([node.order("m1"), node.order("bad"), node.order("m2")])
    assert isinstance(bad, Problem)
    assert not bad.kind.retryable
    assert isinstance(first, Message)
    assert isinstance(last, Message)
    await node.until_submitted(2)
    assert node.carrier.sent == ["m1", "m2"]


class Key:
    """A door's idempotency key: one row of `idempotency`."""

    lock = "idempotency:k"

    def guard(self, message: Message) -> tuple[str, tuple[object, ...]]:
        row = (
            message.account_id, 0, "send", "k", "hash", 202, "answer", message.id, message.created_at,
            message.created_at + 1000,
        )  # fmt: skip
        return ("idempotency_insert", row)


async def test_the_same_key_accepts_one_message(node: Node) -> None:
    """A client that retries must not send twice, also not at the same time."""
    orders = [node.order("m", idempotency=Key()) for _ in range(3)]
    results = await asyncio.gather(*(node.intake.accept([order]) for order in orders))
    kinds = sorted(type(result).__name__ for (result,) in results)
    assert kinds == ["Message", "Replay", "Replay"]
    again = await node.intake.accept([node.order("m", idempotency=Key())])
    assert isinstance(again[0], Replay)
    await wait_until_async(lambda: node.carrier.sent)
    assert node.carrier.sent == ["m"]
    assert node.dispatcher.queues["car_a"].lane.room == 1000


async def test_unavailable_is_the_only_error_that_is_worth_a_retry(node: Node) -> None:
    node.store.refuse = lambda unit: Unavailable("full")
    (result,) = await node.intake.accept([node.order()])
    assert isinstance(result, Problem)
    assert result.kind.retryable
