"""What waits for a pause to end does not wait longer because somebody set the clock back."""

from collections.abc import Awaitable, Callable

from onesixty.core.message import PARKED
from onesixty.core.outcomes import Outcome
from tests.support.message_path import ACCOUNT, Node
from tests.support.waiting import wait_until_async

NewNode = Callable[..., Awaitable[Node]]

HOUR = 3600.0
DELIVRD = 2


async def pending(node: Node) -> int:
    """When the one delivery of a webhook is due, from now, in seconds."""
    ((_, due),) = await node.store.fetch("work_lanes", sink="webhook")
    return round((due - node.clock.now_ms()) / 1000)


async def test_pauses_end_in_time_when_the_clock_goes_back(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url)
    now = node.clock.now_ms()
    parked = await node.send("parked")
    (submission,) = await node.until_submitted(1)
    node.carrier.answer(submission, 0, Outcome("retryable", code="carrier_busy"))

    async def is_parked() -> bool:
        return (await node.get(parked)).claim == PARKED

    await wait_until_async(is_parked)
    scheduled = await node.send("scheduled", scheduled_at=now + 7_200_000)
    await node.receipts(("nobody", DELIVRD))
    await node.store.execute(
        "delivery_insert", id="dlv_1", subject="evt_1", account_id=ACCOUNT, lane="end_1", target=None, claim=0,
        created_at=now + 30_000, expires_at=now + 72 * 3_600_000,
    )  # fmt: skip
    await node.sweep.once()
    pause = (await node.get(parked)).due_at
    assert pause is not None
    pause -= node.clock.now_ms()

    node.clock.step(-HOUR)
    assert await pending(node) > 3600
    await node.sweep.once()

    assert 0 < await pending(node) <= 30
    due = (await node.get(parked)).due_at
    assert due is not None
    assert due - node.clock.now_ms() <= pause
    node.clock.advance(60)
    before = node.counted("sweep_rows", "receipts")
    await node.sweep.once()
    assert node.counted("sweep_rows", "receipts") == before + 1
    assert (await node.get(scheduled)).due_at == now + 7_200_000, "a time of day stays one"


async def test_a_step_forward_makes_nothing_later(engine_url: str, new_node: NewNode) -> None:
    """A machine that slept for an hour finds due what became due meanwhile; then its clock is set back."""
    node = await new_node(engine_url)
    now = node.clock.now_ms()
    await node.store.execute(
        "delivery_insert", id="dlv_1", subject="evt_1", account_id=ACCOUNT, lane="end_1", target=None, claim=0,
        created_at=now + 2 * 3_600_000, expires_at=now + 72 * 3_600_000,
    )  # fmt: skip
    node.clock.step(HOUR)
    await node.sweep.once()
    assert 3500 < await pending(node) <= 3600
    node.clock.step(-HOUR)
    await node.sweep.once()
    assert await pending(node) <= 3600


async def test_small_steps_back_add_up(node: Node) -> None:
    now = node.clock.now_ms()
    await node.store.execute(
        "delivery_insert", id="dlv_1", subject="evt_1", account_id=ACCOUNT, lane="end_1", target=None, claim=0,
        created_at=now + 600_000, expires_at=now + 72 * 3_600_000,
    )  # fmt: skip
    for _ in range(10):
        node.clock.step(-0.4)
        await node.sweep.once()
    assert await pending(node) <= 601
