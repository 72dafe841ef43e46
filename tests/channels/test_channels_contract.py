"""What every channel keeps: of the node, and the toy."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.channels.registry import standard
from onesixty.channels.sms.orders import SendOrder
from onesixty.core import event_body
from onesixty.core.channel import AnyChannel, Channels
from onesixty.core.message import Message
from onesixty.core.orders import Order
from onesixty.core.tenant import Tenant
from onesixty.routing.router import Router
from tests.channels.toy import NoteOrder, Notes
from tests.routing.tables import Clock, carrier, message, route

CHANNELS = Channels((*standard(), Notes()))
#: For each channel: recipients that it takes, how carriers write them, senders, and content for an order.
KNOWN: dict[str, tuple[list[str], list[str], list[str], dict[str, Any]]] = {
    "sms": (
        ["+15551234567", "+447700900123"],
        ["15551234567", "447700900123"],
        ["Acme", "62626"],
        {"text": "hi"},
    ),
    "note": (["@Ann", "@bob"], ["ANN", "BOB"], ["Fridge", "Door"], {"title": "A", "body": "hi"}),
}
ORDERS: dict[str, type[Order]] = {"sms": SendOrder, "note": NoteOrder}


@pytest.fixture(params=[channel.name for channel in CHANNELS])
def channel(request: pytest.FixtureRequest) -> AnyChannel:
    return CHANNELS[request.param]


def made(channel: AnyChannel, place: int = 0, **fields: Any) -> Message:
    """A message as the path makes it."""
    recipients, _, senders, content = KNOWN[channel.name]
    values = {"tenant": Tenant("acc_one", False), "sender": senders[0], "recipient": recipients[place]}
    composed = channel.compose(ORDERS[channel.name](**values, **content))
    return message(
        channel=channel.name, sender=channel.sender(senders[0]), recipient=channel.address(recipients[place])[0],
        text=composed.text, encoding=composed.encoding, segments=composed.units, content=composed.content, **fields,
    )  # fmt: skip


def test_what_a_carrier_writes_finds_one_message(channel: AnyChannel) -> None:
    ours, written, senders, _ = KNOWN[channel.name]
    kept = [channel.address(recipient)[0] for recipient in ours]
    assert [channel.address(address)[0] for address in kept] == kept, "what is kept can be read again"
    assert [channel.kept_address(address) for address in (*kept, *written)] == [*kept, *kept]
    for place, address in enumerate(kept):
        assert [channel.same_address(address, other) for other in written] == [place == n for n in range(2)]
        assert channel.address_key(address) == channel.address_key(written[place]) != ""
        assert channel.same_address(address, None) is None
    assert channel.same_sender(senders[0], senders[0].upper())
    assert not channel.same_sender(senders[0], senders[1])


def test_its_orders_name_it_and_its_content_is_priced(channel: AnyChannel) -> None:
    assert ORDERS[channel.name].channel == channel.name
    assert made(channel).segments >= 1


def test_its_view_has_what_all_views_have(channel: AnyChannel) -> None:
    view = CHANNELS.view(made(channel))
    assert set(event_body.COMMON) <= set(view)
    assert view["channel"] == channel.name
    redacted = CHANNELS.view(_redacted(made(channel)))
    assert set(redacted) == set(view)
    assert "hi" not in redacted.values()


def _redacted(message: Message) -> Message:
    message.text, message.recipient, message.content, message.redacted_at = "", "", None, 5
    return message


@given(st.text(), st.text())
def test_no_text_of_a_carrier_breaks_it(one: str, other: str) -> None:
    for channel in CHANNELS:
        channel.same_sender(one, other)
        channel.kept_address(one)
        channel.sender_kind(one)
        assert channel.same_address(one, other) == channel.same_address(other, one)
        if channel.same_address(one, one) is not None:
            assert channel.same_address(one, one)


@given(
    of=st.lists(st.sampled_from(["sms", "note"]), min_size=1, max_size=5),
    routes=st.lists(st.lists(st.integers(0, 4), min_size=1, max_size=4, unique=True), max_size=4),
    filtered=st.lists(st.booleans(), min_size=4, max_size=4),
    wanted=st.sampled_from(["sms", "note"]),
    test=st.booleans(),
)
def test_no_route_offers_a_carrier_of_another_channel(
    of: list[str], routes: list[list[int]], filtered: list[bool], wanted: str, test: bool
) -> None:
    """And a carrier of the message's channel is found if any route without a filter has one."""
    table = Router(Clock(), CHANNELS)
    rows = [[f"c{place % len(of)}" for place in places] for places in routes]
    table.load(
        [
            route(f"r{n}", *dict.fromkeys(row), created_at=n, **({"classes": ["otp"]} if filtered[n] else {}))
            for n, row in enumerate(rows)
        ],
        [carrier(f"c{n}") for n in range(len(of))],
        [f"c{n}" for n in range(len(of))],
        {f"c{n}": name for n, name in enumerate(of)},
    )
    asked = message(channel=wanted, test=test)
    open_ = [{of[int(id_[1:])] for id_ in row} for n, row in enumerate(rows) if not filtered[n]]
    told = table.explain(asked)
    if told.choice is None:
        assert told.refusal is not None
        assert told.refusal.code == "no_route"
        assert not any(wanted in channels for channels in open_)
        return
    hops = told.choice.hops
    assert {of[int(hop.carrier_id[1:])] for hop in hops} == {hop.channel for hop in hops} == {wanted}
    assert [each.id for each in told.carriers if each.taken] == [hop.carrier_id for hop in hops] or test
