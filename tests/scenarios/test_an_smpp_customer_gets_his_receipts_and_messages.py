"""A customer over SMPP: his parts become one message, and receipts and messages find whichever bind can receive."""

from __future__ import annotations

from typing import Any

from onesixty import text
from onesixty.smpp import constants as c
from tests.scenarios.conftest import Node, StartNode
from tests.support.customer import Customer, payload_of
from tests.support.far_end import FarEnd
from tests.support.receiver import Receiver

HANDSET = "+15557654321"
OURS = "+15550001111"


async def _credential(node: Node, **profile: Any) -> Any:
    return await node.api.ask("POST", "/v1/smpp-credentials", {"system_id": "shop", "profile": profile})


def _bind(node: Node, credential: Any, **settings: Any) -> Customer:
    return Customer(node.product.smpp_port, credential["system_id"], credential["password"], **settings)


async def test_receipts_find_any_bind_that_can_receive(
    engine_url: str, start_node: StartNode, far_end: FarEnd
) -> None:
    """Binds tx and rx of one account; kept while nobody can receive, and over a restart."""
    node = await start_node([far_end.table("acme")], database_url=engine_url)
    credential = await _credential(node)
    async with _bind(node, credential, bind="transmitter") as sender:
        first = await sender.submit("15551234567", b"one")
        second = await sender.submit("15551234568", b"two")
        for message in await node.api.messages():
            await node.api.until(message["id"], "delivered")
        assert sender.delivered == []
    await node.restart()
    async with _bind(node, credential, bind="receiver") as receiver:
        receipts = await receiver.until_receipts(2)
        assert {receipt.id for receipt in receipts} == {first, second}
        assert {receipt.stat for receipt in receipts} == {"DELIVRD"}
    await node.stop()
    await node.audit()


async def test_what_a_carrier_hands_over_the_moment_a_node_starts_reaches_the_customers_bind(
    engine_url: str, start_node: StartNode, far_end: FarEnd
) -> None:
    """Promise 4: a carrier flushes what it kept as soon as we bind, before anything else is ready."""
    node = await start_node([far_end.table("acme")], database_url=engine_url)
    credential = await _credential(node)
    await node.api.ask("POST", "/v1/numbers", {"number": OURS})
    await node.bound("acme")
    await node.stop()
    for count in range(20):
        far_end.smsc.deliver(HANDSET, OURS, b"kept %d" % count, system_id="test")
    await node.start()
    async with _bind(node, credential, bind="receiver") as customer:
        await customer.until_messages(20)
    await node.stop()
    await node.audit()


async def test_a_customers_parts_are_one_message_with_a_receipt_each(
    start_node: StartNode, far_end: FarEnd
) -> None:
    """Each part has its own id and receipt, the parts are one message."""
    node = await start_node([far_end.table("acme")], smpp_parts_seconds=1)
    async with _bind(node, await _credential(node)) as customer:
        ids = await customer.submit_parts("15551234567", b"one " * 30, b"two " * 30)
        assert {receipt.id for receipt in await customer.until_receipts(2)} == set(ids)
        (message,) = await node.api.messages()
        assert message["text"] == "one " * 30 + "two " * 30
        assert far_end.text_for("+15551234567") == message["text"]
        alone = await customer.submit(
            "15551234568", text.concat_udh(9, 2, 1) + b"never whole", esm_class=c.ESM_UDHI
        )
        (receipt,) = (await customer.until_receipts(3))[2:]
        assert (receipt.id, receipt.stat, receipt.err) == (alone, "UNDELIV", "032")
    await node.stop()
    await node.audit()


async def test_what_handsets_send_reaches_the_bind_and_the_webhook_and_is_replied_to(
    start_node: StartNode, far_end: FarEnd, receiver: Receiver
) -> None:
    """Promise 4; a reply keeps the number and its carrier."""
    async with FarEnd() as other:
        carriers = [other.table("other"), far_end.table("acme")]
        node = await start_node(carriers, routes={"default": ["other", "acme"]})
        await node.bound("acme", "other")
        await node.hook(receiver)
        number = await node.api.ask("POST", "/v1/numbers", {"number": OURS, "carrier": "acme"})
        assert (await node.api.ask("GET", f"/v1/numbers/{OURS}"))["id"] == number["id"]
        async with _bind(node, await _credential(node)) as customer:
            parts = ["Grüße, ", "😀"]
            for place in (2, 1):
                octets = parts[place - 1].encode("utf-16-be")
                udh = text.concat_udh(3, 2, place)
                far_end.smsc.deliver(HANDSET[1:], OURS[1:], octets, udh=udh, data_coding=8)
            (pdu,) = await customer.until_messages(1)
            assert payload_of(pdu).decode("utf-16-be") == "Grüße, 😀"
            (request,) = await receiver.wait_for(1, path="/hook")
            data = request.json["data"]
            assert (request.json["type"], data["from"], data["to"]) == ("message.received", HANDSET, OURS)
        (message,) = (await node.api.ask("GET", "/v1/messages?direction=inbound"))["data"]
        assert (message["text"], message["tags"], message["incomplete"]) == ("Grüße, 😀", [], False)
        reply = await node.api.ask("POST", f"/v1/messages/{message['id']}/reply", {"text": "Thank you"})
        assert (reply["from"], reply["to"]) == (OURS, HANDSET)
        await node.api.until(reply["id"], "delivered")
        assert far_end.recipients == [HANDSET]
        refused = await node.api.call("POST", f"/v1/messages/{reply['id']}/reply", {"text": "Thank you"})
        assert refused.code == "invalid_parameter"
        redacted = await node.api.ask("POST", f"/v1/messages/{message['id']}/redact")
        assert (redacted["from"], redacted["to"]) == ("", OURS)
        await node.stop()
        await node.audit()
