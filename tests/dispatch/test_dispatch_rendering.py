"""The last step before a carrier: what it may get, whatever was decided before."""

from random import Random

from onesixty.core.contracts import Refusal
from onesixty.core.covered import NothingCovered
from onesixty.core.hop import Hop
from onesixty.core.message import Message
from onesixty.dispatch.lane import Item
from onesixty.dispatch.references import References
from onesixty.dispatch.rendering import render
from tests.support.message_path import FakeCarrier


def item(*, test: bool) -> Item:
    return Item(
        Message(
            id="msg_1", account_id="acc_1", test=test, sender="Brand", recipient="+15551234567", text="Hi",
            encoding="gsm7", segments=1, class_="otp", created_at=0, expires_at=1, status="queued",
        )
    )  # fmt: skip


def test_test_traffic_is_rendered_for_simulated_carriers_only() -> None:
    """Promise 9: a second wall behind the router's."""
    references = References(Random(160))
    refused = render(FakeCarrier("car_real"), Hop("car_real"), item(test=True), references, NothingCovered())
    assert isinstance(refused, Refusal)
    assert refused.code == "carrier_cannot_carry"
    assert (
        render(
            FakeCarrier("car_simulated", simulated=True),
            Hop("car_simulated"),
            item(test=True),
            references,
            NothingCovered(),
        )
        is None
    )
    assert (
        render(FakeCarrier("car_real"), Hop("car_real"), item(test=False), references, NothingCovered())
        is None
    )
