"""One receiver that takes every request and never answers; others hear of everything at once."""

import pytest

from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd
from tests.support.receiver import Answer, Receiver

COUNT = 60


@pytest.mark.deadline(90)
async def test_a_webhook_receiver_that_hangs_delays_nobody(
    start_node: StartNode, far_end: FarEnd, receiver: Receiver
) -> None:
    """Promise 7: one endpoint's trouble delays neither another's events nor any message."""
    node = await start_node([far_end.table("acme")], shutdown_seconds=4)
    node.product.allow_log("work_unanswered")
    async with Receiver() as hanging:
        hanging.default = Answer(delay=3600)
        await node.hook(hanging)
        await node.hook(receiver)
        ids = [
            await node.api.accepted(
                f"+1555140{n:04}",
                status_callback=f"{(hanging if n % 2 else receiver).url}/callback",
            )
            for n in range(COUNT)
        ]
        await node.api.ended(ids, timeout=10)
        await receiver.wait_for(2 * COUNT, timeout=5, path="/hook")
        await receiver.wait_for(COUNT, timeout=5, path="/callback")
        assert hanging.requests, "it was asked"
        await node.stop()
        # It is well again: what it never confirmed is still there, and comes after the restart.
        await hanging.refuse()
        hanging.requests.clear()
        hanging.default = Answer()
        await hanging.listen()
        await node.start()
        posts = await hanging.wait_for(3 * COUNT, timeout=40)
        assert len({(post.path, post.id) for post in posts}) == 3 * COUNT
