"""Delivery reports: each is kept, matched however and whenever it comes, and applied once."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onesixty.core.message import Message
from onesixty.core.outcomes import Outcome
from onesixty.core.tenant import Tenant
from onesixty.store.units import Unavailable
from tests.support.message_path import Node
from tests.support.waiting import wait_until_async

NewNode = Callable[..., Awaitable[Node]]

ENROUTE, DELIVRD, EXPIRED, DELETED, UNDELIV, ACCEPTD, UNKNOWN, REJECTD = 1, 2, 3, 4, 5, 6, 7, 8
LONG = "All segments of a message go over one carrier. " * 9  # 3 segments


async def rows_of(node: Node, message: Message) -> list[tuple[Any, ...]]:
    return await node.store.fetch("receipts_of_message", message_id=message.id)


async def sent_with(node: Node, *carrier_message_ids: str, text: str = "hello", **fields: Any) -> Message:
    """A message whose segments the carrier took under these ids."""
    message = await node.send(text, **fields)
    submissions = await node.until_submitted(len(node.carrier.submissions) + 1)
    for segment, carrier_message_id in enumerate(carrier_message_ids):
        node.carrier.answer(
            submissions[-1], segment, Outcome("accepted", carrier_message_id=carrier_message_id)
        )
    return await node.until_status(message, "sent")


async def test_one_receipt_counts_for_all_segments_under_one_id(engine_url: str, new_node: NewNode) -> None:
    """A carrier over HTTP cuts the message itself: one id, one receipt."""
    node = await new_node(engine_url)
    message = await sent_with(node, "abc", "abc", "abc", text=LONG)
    await node.receipts(("abc", ENROUTE))
    assert (await node.get(message)).status == "sent"
    await node.receipts(("abc", DELIVRD))
    assert (await node.get(message)).status == "delivered"
    other = await sent_with(node, "def", "def", "def", text=LONG)
    await node.receipts(("def", UNDELIV), ("def", UNDELIV))
    assert (await node.get(other)).status == "undelivered"


# ------------------------------------------------------------ when they come


async def test_a_receipt_ends_the_message_and_is_acknowledged_after_commit(
    engine_url: str, new_node: NewNode
) -> None:
    node = await new_node(engine_url)
    message = await sent_with(node, "abc")
    await node.until_idle()
    commits: list[bool] = []
    node.faults = lambda name: commits.append(not node.acks) if name == "receipts.after_commit" else None
    await node.receipts(("abc", DELIVRD))
    found = await node.get(message)
    assert (found.status, found.error_code) == ("delivered", None)
    assert node.acks == [True]
    assert commits == [True], "on disk first"
    assert await node.events(message) == ["message.sent", "message.delivered"]
    assert len(await rows_of(node, message)) == 1


async def test_a_receipt_before_the_answer_is_kept_and_matched(engine_url: str, new_node: NewNode) -> None:
    """deliver_sm comes before submit_sm_resp."""
    node = await new_node(engine_url)
    message = await node.send()
    (submission,) = await node.until_submitted(1)
    await node.receipts(("early", DELIVRD))
    assert node.acks == [True]
    node.carrier.answer(submission, 0, Outcome("accepted", carrier_message_id="early"))
    await node.until_status(message, "delivered")
    assert await node.events(message) == ["message.sent", "message.delivered"]
    assert [row[10] for row in await rows_of(node, message)] == [None]


async def test_a_receipt_in_one_read_with_its_answer_costs_no_more_than_a_later_one(node: Node) -> None:
    """The answer lands on disk first, then its receipt matches at once."""
    message = await node.send()
    (submission,) = await node.until_submitted(1)
    node.carrier.answer(submission, 0, Outcome("accepted", carrier_message_id="abc"))
    node.receipt("abc", DELIVRD)
    await node.until_status(message, "delivered")
    await node.until_idle()
    assert node.row_counts.rows["receipt_match"] == 0
    assert node.row_counts.rows["receipt_insert"] == 1
    assert node.counted("receipts", "matched") == 1


async def test_a_receipt_before_the_answer_in_another_form_is_matched_at_once(node: Node) -> None:
    message = await node.send()
    (submission,) = await node.until_submitted(1)
    await node.receipts(("4660", DELIVRD))
    node.carrier.answer(submission, 0, Outcome("accepted", carrier_message_id="1234"))
    await node.until_status(message, "delivered")


async def test_an_early_receipt_is_found_by_the_sweep_if_nothing_told_of_it(
    engine_url: str, new_node: NewNode
) -> None:
    """After a restart no memory says that receipts wait."""
    node = await new_node(engine_url)
    message = await node.send()
    (submission,) = await node.until_submitted(1)
    await node.receipts(("early", DELIVRD))
    node.receipt_desk._early.clear()
    node.receipt_desk._shared = False
    node.carrier.answer(submission, 0, Outcome("accepted", carrier_message_id="early"))
    await node.until_status(message, "sent")
    node.clock.advance(2)
    await node.sweep.once()
    assert (await node.get(message)).status == "delivered"
    assert node.counted("receipts", "swept") == 1


async def test_a_receipt_that_matches_nothing_is_looked_at_ever_more_rarely(node: Node) -> None:
    """Kept until its time to live, at growing intervals."""
    await node.receipts(("nobody", DELIVRD))
    looks = 0
    for _ in range(10):
        node.clock.advance(3600)
        before = node.counted("sweep_rows", "receipts")
        await node.sweep.once()
        looks += node.counted("sweep_rows", "receipts") - before
    assert looks == 10
    node.clock.advance(8 * 86_400)
    await node.sweep.once()
    node.clock.advance(8 * 86_400)
    before = node.counted("sweep_rows", "receipts")
    await node.sweep.once()
    assert node.counted("sweep_rows", "receipts") == before, "past its time to live"
    rows = await node.store.fetch("receipts_unmatched", carrier_id="car_a", match_ids=["nobody"])
    assert not rows, "past its time to live it goes, with the number that it holds"


async def test_a_late_delivery_corrects_and_charges_nothing_twice(engine_url: str, new_node: NewNode) -> None:
    """DELIVRD after EXPIRED."""
    node = await new_node(engine_url)
    message = await sent_with(node, "abc")
    await node.receipts(("abc", EXPIRED))
    found = await node.get(message)
    assert (found.status, found.error_code) == ("undelivered", "carrier_expired")
    await node.receipts(("abc", DELIVRD))
    found = await node.get(message)
    assert (found.status, found.error_code) == ("delivered", None)
    assert await node.events(message) == ["message.sent", "message.undelivered", "message.corrected"]
    assert await node.ledger(message) == {"hold": (7500, 0), "settle": (-7500, 7500)}


async def test_after_unconfirmed_a_delivery_still_counts(new_node: NewNode) -> None:
    node = await new_node(charge_on="delivered")
    message = await sent_with(node, "abc")
    node.clock.advance(90_000 + 7200)
    await node.sweep.once()
    assert (await node.get(message)).status == "unconfirmed"
    await node.receipts(("abc", DELIVRD))
    assert (await node.get(message)).status == "delivered"
    assert await node.ledger(message) == {"hold": (7500, 0), "release": (-7500, 0), "adjust": (0, 7500)}


@pytest.mark.parametrize("later", [ENROUTE, ACCEPTD, EXPIRED, UNDELIV, REJECTD, UNKNOWN, DELIVRD])
async def test_delivered_is_never_taken_back(node: Node, later: int) -> None:
    """Repeated receipts, and ENROUTE after DELIVRD."""
    message = await sent_with(node, "abc")
    await node.receipts(("abc", DELIVRD))
    version = (await node.get(message)).version
    await node.receipts(("abc", later), ("abc", later))
    found = await node.get(message)
    assert (found.status, found.version) == ("delivered", version)
    assert (await node.attempts(message))[0].state == "delivered"
    assert len(await rows_of(node, message)) == 3, "all are kept"
    assert node.acks == [True] * 3
    assert node.counted("receipts", "repeated") == 2


@pytest.mark.parametrize("passing", [ENROUTE, ACCEPTD, UNKNOWN, 0, 42])
async def test_passing_states_end_nothing(node: Node, passing: int) -> None:
    """ACCEPTD is not final."""
    message = await sent_with(node, "abc")
    await node.receipts(("abc", passing))
    assert (await node.get(message)).status == "sent"
    assert (await node.attempts(message))[0].state == "enroute"
    assert len(await rows_of(node, message)) == 1


async def test_several_receipts_of_a_message_in_one_batch(node: Node) -> None:
    message = await sent_with(node, "abc")
    for state in (ENROUTE, DELIVRD, DELIVRD, ENROUTE, UNDELIV):
        node.receipt("abc", state)
    await node.until_idle()
    assert (await node.get(message)).status == "delivered"
    assert node.acks == [True] * 5
    assert len(await rows_of(node, message)) == 5


async def test_receipts_of_two_batches_at_once_meet(node: Node) -> None:
    """Two writers of one message: the one that lost its guard looks again."""
    message = await sent_with(node, "a", "b", "c", text=LONG)
    node.receipt("a", DELIVRD)
    node.receipt("b", DELIVRD)
    await asyncio.sleep(0)
    node.receipt("c", DELIVRD)
    await node.until_idle()
    assert (await node.get(message)).status == "delivered"


# ------------------------------------------------------------ ids


@pytest.mark.parametrize(
    ("answered", "reported"),
    [
        ("1a2b3c4d", "439041101"),  # hex in the answer, decimal in the receipt
        ("439041101", "1A2B3C4D"),
        ("ABCDEF01", "abcdef01"),
        ("0000123", "123"),
        ("123", "0000123"),
        ("x" * 64, "x" * 64),
        ("4b6c1f2e-0001", "4B6C1F2E-0001"),
    ],
)
async def test_ids_differ_between_answer_and_receipt(node: Node, answered: str, reported: str) -> None:
    """Hex against decimal, zeros in front, case, length."""
    message = await sent_with(node, answered)
    await node.receipts((reported, DELIVRD))
    assert (await node.get(message)).status == "delivered"


async def test_the_same_id_from_two_carriers(new_node: NewNode) -> None:
    """A receipt is matched on carrier and id."""
    node = await new_node(carriers=("car_a", "car_b"))
    node.load_routes({"default": ("car_a",), "other": ("car_b",)})
    messages = [await node.send(route=route) for route in ("default", "other")]
    for carrier in node.carriers.values():
        (submission,) = await node.until_submitted(1, carrier.id)
        carrier.answer(submission, 0, Outcome("accepted", carrier_message_id="7"))
    for message in messages:
        await node.until_status(message, "sent")
    node.receipt("7", DELIVRD, carrier_id="car_b")
    await node.until_idle()
    assert [(await node.get(m)).status for m in messages] == ["sent", "delivered"]
    node.receipt("7", UNDELIV, carrier_id="car_c")
    await node.until_idle()
    assert (await node.get(messages[0])).status == "sent"


async def test_an_id_that_is_used_again_belongs_to_the_latest(node: Node) -> None:
    """An id used again after its time."""
    old = await sent_with(node, "7")
    await node.receipts(("7", DELIVRD))
    node.clock.advance(3600)
    new = await sent_with(node, "7")
    await node.receipts(("7", UNDELIV))
    assert [(await node.get(m)).status for m in (old, new)] == ["delivered", "undelivered"]


async def test_an_id_that_is_used_again_is_told_apart_by_the_recipient(node: Node) -> None:
    old = await sent_with(node, "7", recipient="+15551230001")
    new = await sent_with(node, "7", recipient="+15551230002")
    node.receipt("7", DELIVRD, recipient="5551230001")
    await node.until_idle()
    assert [(await node.get(m)).status for m in (old, new)] == ["delivered", "sent"]


# ------------------------------------------------------------ segments


async def test_each_segment_has_its_own_receipt(node: Node) -> None:
    """Delivered when all are."""
    message = await sent_with(node, "a", "b", "c", text=LONG)
    for carrier_message_id in "cab":
        assert (await node.get(message)).status == "sent"
        await node.receipts((carrier_message_id, DELIVRD))
    assert (await node.get(message)).status == "delivered"


async def test_one_that_is_not_delivered_makes_it_undelivered_with_its_reason(node: Node) -> None:
    """Whichever receipt comes last, the bad segment says why."""
    for order in permutations([("a", EXPIRED), ("b", DELIVRD), ("c", REJECTD)]):
        ids = {name: f"{name}{len(node.carrier.submissions)}" for name in "abc"}
        message = await sent_with(node, *ids.values(), text=LONG)
        await node.receipts(*((ids[name], state) for name, state in order))
        found = await node.get(message)
        assert (found.status, found.error_code) == ("undelivered", "carrier_expired"), order
    attempts = await node.attempts(message)
    assert [a.error_code for a in attempts] == ["carrier_expired", None, "carrier_rejected"]


FINAL = {DELIVRD: "delivered", EXPIRED: "undelivered", UNDELIV: "undelivered"}


@settings(max_examples=20)
@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.sampled_from([ENROUTE, DELIVRD, EXPIRED, UNDELIV, ACCEPTD])),
        min_size=1,
        max_size=7,
    ),
    st.data(),
)
def test_the_end_does_not_depend_on_the_order_of_receipts(
    receipts: list[tuple[int, int]], data: st.DataObject
) -> None:
    """The same set of receipts, in any order and grouping, gives the same end."""

    async def run(
        order: list[tuple[int, int]], pauses: list[bool]
    ) -> tuple[str, str | None, list[str | None]]:
        node = await Node.start()
        message = await sent_with(node, "a", "b", text="x" * 200)
        for (segment, state), pause in zip(order, pauses, strict=True):
            node.receipt("ab"[segment], state)
            if pause:
                await node.until_idle()
        await node.until_idle()
        found = await node.get(message)
        states = [a.state for a in await node.attempts(message)]
        kinds = sorted(await node.ledger(message))
        assert kinds == ["hold", "settle"]
        await node.close()
        return found.status, found.error_code and "code", states

    shuffled = data.draw(st.permutations(receipts))
    pauses = data.draw(st.lists(st.booleans(), min_size=len(receipts), max_size=len(receipts)))
    first = asyncio.run(run(receipts, pauses))
    second = asyncio.run(run(list(shuffled), pauses))
    assert first[:2] == second[:2]
    ends = []
    for segment in (0, 1):
        words = {FINAL[state] for one, state in receipts if one == segment and state in FINAL}
        ends.append("delivered" if "delivered" in words else next(iter(words), None))
    if None in ends:
        assert first[0] == "sent"
    else:
        assert first[0] == ("delivered" if ends == ["delivered"] * 2 else "undelivered")


async def half_sent(node: Node) -> Message:
    """A message of two segments: the carrier took the first as "a", the second waits in the lane."""
    message = await node.send("x" * 200)
    (first,) = await node.until_submitted(1)
    node.carrier.answer(first, 0, Outcome("accepted", carrier_message_id="a"))
    node.carrier.answer(first, 1, Outcome("throttled"))
    await wait_until_async(lambda: node.attempts(message), what="the attempt")
    return message


async def test_a_receipt_for_a_part_leaves_the_rest_to_its_lane(node: Node) -> None:
    """Segment 1 is delivered while segment 2 is throttled and waits in the lane."""
    message = await half_sent(node)
    await node.receipts(("a", DELIVRD))
    _, second = await node.until_submitted(2)
    node.carrier.answer(second, 1, Outcome("accepted", carrier_message_id="b"))
    await node.until_status(message, "sent")
    await node.receipts(("b", DELIVRD))
    assert (await node.get(message)).status == "delivered"


async def test_all_receipts_may_come_before_the_last_answer(node: Node) -> None:
    message = await half_sent(node)
    await node.receipts(("a", DELIVRD), ("b", DELIVRD))
    _, second = await node.until_submitted(2)
    node.carrier.answer(second, 1, Outcome("accepted", carrier_message_id="b"))
    await node.until_status(message, "delivered")


async def test_a_look_at_early_receipts_waits_for_a_store_that_is_away(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else would look before the time-out of its receipts."""
    monkeypatch.setattr("onesixty.messages.receipts.AGAIN", 0.01)
    message = await half_sent(node)
    await node.receipts(("a", DELIVRD), ("b", DELIVRD))
    _, second = await node.until_submitted(2)
    refused = 0

    async def broken(statement: str, **params: object) -> list[Any]:
        nonlocal refused
        if statement in ("receipts_unmatched", "attempts_of_messages") and refused < 4:
            refused += 1
            raise Unavailable("gone")
        return await fetch(statement, **params)

    fetch, node.store.fetch = node.store._store.fetch, broken
    node.carrier.answer(second, 1, Outcome("accepted", carrier_message_id="b"))
    await node.until_status(message, "delivered")
    assert refused == 4
    node.store.fetch = fetch


# ------------------------------------------------------------ held


async def held(node: Node, **fields: Any) -> Message:
    message = await node.send(**({"on_unknown": "hold"} | fields))
    submissions = await node.until_submitted(len(node.carrier.submissions) + 1)
    node.carrier.answer_all(submissions[-1], Outcome("unknown", code="outcome_unknown"))
    return await node.until_status(message, "held")


async def test_a_held_message_is_matched_by_the_only_receipt_that_fits(
    engine_url: str, new_node: NewNode
) -> None:
    node = await new_node(engine_url)
    message = await held(node)
    await node.receipts(("never-seen", DELIVRD))
    found = await node.get(message)
    assert (found.status, found.error_code) == ("delivered", None)
    (attempt,) = await node.attempts(message)
    assert (attempt.outcome, attempt.carrier_message_id) == ("accepted", "never-seen")
    assert await node.events(message) == ["message.held", "message.sent", "message.delivered"]
    assert await node.ledger(message) == {"hold": (7500, 0), "settle": (-7500, 7500)}


async def test_a_report_that_comes_with_the_one_that_told_the_answer_waits_for_no_sweep(node: Node) -> None:
    message = await held(node)
    node.receipt("never-seen", UNDELIV)
    node.receipt("never-seen", DELIVRD)
    await node.until_idle()
    assert (await node.get(message)).status == "delivered"


async def test_a_receipt_without_an_id_ties_no_other_to_what_it_found(node: Node) -> None:
    message = await held(node)
    await node.receipts(("", ENROUTE))
    assert (await node.get(message)).status == "sent"
    (attempt,) = await node.attempts(message)
    assert (attempt.outcome, attempt.carrier_message_id, attempt.match_id) == ("accepted", None, None)
    node.receipt("", DELIVRD, recipient="15559999999")
    await node.until_idle()
    node.clock.advance(10)
    await node.sweep.once()
    await node.until_idle()
    assert (await node.get(message)).status == "sent"


async def test_what_was_held_waits_as_long_for_its_end_as_its_carrier_may_take(node: Node) -> None:
    message = await held(node)
    await node.receipts(("never-seen", ENROUTE))
    found = await node.get(message)
    assert (found.status, found.due_at) == ("sent", found.expires_at + node.carrier.receipt_timeout_ms)


@pytest.mark.parametrize(
    "other",
    [
        {"sender": "Other"},
        {"sender": "15550001111"},
        {"recipient": "15559999999"},
        {"recipient": None},
        {"carrier_id": "car_b"},
    ],
)
async def test_a_receipt_of_somebody_else_is_not_taken(node: Node, other: dict[str, Any]) -> None:
    message = await held(node)
    node.receipt("never-seen", DELIVRD, **other)
    await node.until_idle()
    assert (await node.get(message)).status == "held"


@pytest.mark.parametrize("mine", [{"sender": None}, {"sender": "ACME"}, {"recipient": "5551234567"}])
async def test_however_the_carrier_writes_the_addresses(node: Node, mine: dict[str, Any]) -> None:
    message = await held(node)
    node.receipt("never-seen", DELIVRD, **mine)
    await node.until_idle()
    wanted = "held" if mine.get("recipient") else "delivered"
    assert (await node.get(message)).status == wanted


async def test_a_receipt_from_before_the_submit_is_not_taken(node: Node) -> None:
    await node.receipts(("older", DELIVRD))
    node.clock.advance(10)
    message = await held(node)
    await node.sweep.once()
    await node.until_idle()
    assert (await node.get(message)).status == "held"


async def test_with_two_candidates_neither_is_taken(node: Node) -> None:
    messages = [await held(node), await held(node)]
    await node.receipts(("never-seen", DELIVRD))
    assert {(await node.get(m)).status for m in messages} == {"held"}


async def test_a_receipt_for_a_known_part_does_not_release_what_is_held(node: Node) -> None:
    message = await node.send("x" * 200, on_unknown="hold")
    (submission,) = await node.until_submitted(1)
    node.carrier.answer(submission, 0, Outcome("accepted", carrier_message_id="a"))
    node.carrier.answer(submission, 1, Outcome("unknown", code="outcome_unknown"))
    await node.until_status(message, "held")
    await node.receipts(("a", DELIVRD))
    assert (await node.get(message)).status == "held"
    assert (await node.attempts(message))[0].state == "delivered"


# ------------------------------------------------------------ trouble


async def test_a_receipt_that_cannot_be_stored_is_not_acknowledged(node: Node) -> None:
    """The carrier repeats what was not acknowledged; then it is applied once."""
    message = await sent_with(node, "abc")
    await node.until_idle()
    node.store.refuse = lambda unit: Unavailable("full")
    await node.receipts(("abc", DELIVRD))
    assert node.acks == [False]
    node.store.refuse = lambda unit: None
    await node.receipts(("abc", DELIVRD))
    assert node.acks == [False, True]
    assert (await node.get(message)).status == "delivered"
    assert len(await rows_of(node, message)) == 1


async def test_a_store_that_cannot_read_acknowledges_nothing(node: Node) -> None:

    async def broken(statement: str, **params: object) -> list[Any]:
        raise Unavailable("gone")

    fetch, node.store.fetch = node.store._store.fetch, broken
    node.receipt("abc", DELIVRD)
    await node.until_idle()
    assert node.acks == [False]
    node.store.fetch = fetch


async def test_receipts_after_redaction_bring_nothing_back(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url)
    message = await sent_with(node, "abc")
    await node.receipts(("abc", UNDELIV))
    await node.control.redact(Tenant(message.account_id, False), message.id)
    await node.receipts(("abc", DELIVRD))
    assert (await node.get(message)).status == "delivered"
    rows = await rows_of(node, message)
    assert len(rows) == 2
    assert "hello" not in str(rows)
    assert "5551234567" not in str(rows)
