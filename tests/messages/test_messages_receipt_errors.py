"""What a carrier's own tables say of its receipts becomes the error of the message."""

import pytest

from onesixty.core.outcomes import Outcome
from tests.support.message_path import Node


@pytest.mark.parametrize(
    ("code", "state", "status", "error"),
    [
        ("034", 5, "undelivered", "recipient_opted_out"),
        ("099", 5, "undelivered", "undeliverable"),
        ("034", 2, "delivered", None),
    ],
)
async def test_a_carriers_table_says_why_and_the_state_says_whether(
    node: Node, code: str, state: int, status: str, error: str | None
) -> None:
    node.carrier.receipt_errors["034"] = "recipient_opted_out"
    message = await node.send()
    (submission,) = await node.until_submitted(1)
    node.carrier.answer(submission, 0, Outcome("accepted", carrier_message_id="abc"))
    await node.until_status(message, "sent")
    node.receipt("abc", state, code=code)
    found = await node.until_status(message, status)
    assert found.error_code == error
