"""The dispatcher with a carrier that does as it is told, on a real store."""

from onesixty.core.outcomes import Outcome
from tests.support.message_path import Node


async def test_a_message_goes_out_and_comes_back_sent(node: Node) -> None:
    message = await node.sent()
    assert message.carrier_id == "car_a"
    assert (await node.events(message)) == ["message.sent"]
    assert (await node.ledger(message)) == {"hold": (7500, 0), "settle": (-7500, 7500)}
    await node.until_idle()
    node.receipt("car_a-1")
    await node.until_status(message, "delivered")


async def test_throttling_keeps_the_order(node: Node) -> None:
    """Field note 13: what a throttling carrier sends back goes out later in the order that it had."""
    for index in range(6):
        await node.send(f"m{index}")
    first = list(await node.until_submitted(6))
    for submission in first:
        node.carrier.answer_all(submission, Outcome("throttled"))
    node.carrier.script = node.carrier.accept
    await node.until_submitted(12)
    assert node.carrier.sent == [f"m{index}" for index in range(6)] * 2
    await node.until_idle()
    for submission in first:
        assert len(await node.attempts(submission.message)) == 1, "throttling is no attempt"
