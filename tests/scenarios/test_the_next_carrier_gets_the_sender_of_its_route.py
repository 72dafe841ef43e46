"""A carrier refuses the sender of a message; the next one gets it with the sender that the route sets there."""

from urllib.parse import quote

from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd
from tests.support.waiting import wait_until_async

ROUTE = ["first", {"carrier": "second", "order": 2, "sender": "Spare"}]


async def test_the_next_carrier_gets_the_sender_of_its_route(start_node: StartNode) -> None:
    """All parts of a long message have it, its receipt is matched, and what both carriers take is known."""
    async with FarEnd(refuse=1, refuse_code="sender_refused") as first, FarEnd() as second:
        node = await start_node(
            [first.table("first", cost_per_segment="0.005"), second.table("second", cost_per_segment="0.01")],
            {"default": ROUTE},
        )
        await node.bound("first", "second")
        ids = [
            await node.api.accepted("+15551600001", "short"),
            await node.api.accepted("+15551600002", "x" * 200),
        ]
        ended = await node.api.ended(ids)
        assert {(m["status"], m["duplicates"]) for m in ended.values()} == {("delivered", 0)}
        asked = ended[ids[0]]["from"]
        assert {pdu.text("source_addr") for pdu in first.smsc.messages} <= {asked}
        assert [pdu.text("source_addr") for pdu in second.smsc.messages] == ["Spare"] * 3
        assert second.text_for("+15551600002") == "x" * 200

        for id_, amount in zip(ids, ("0.01", "0.02"), strict=True):
            seen = await node.api.ask("GET", f"/v1/messages/{id_}")
            assert (seen["from"], seen["sender_used"]) == (asked, "Spare")
            assert seen["cost"] == [{"amount": amount, "currency": "EUR"}]
            entries = (await node.api.ask("GET", f"/v1/messages/{id_}/history"))["data"]
            tried = [(e["carrier"], e["sender"]) for e in entries if e["type"] == "attempt"]
            assert set(tried) == {("first", asked), ("second", "Spare")}

        async def reported() -> bool:
            rows = (await node.api.ask("GET", "/v1/reports/messages?by=sender"))["data"]
            return [(row["sender"], row["messages"]) for row in rows] == [("Spare", 2)]

        await wait_until_async(reported, 30, "both messages in the figures of the sender")
        for sender, expected in (("Spare", set(ids)), (asked, set())):
            listed = await node.api.ask("GET", f"/v1/messages?sender_shown={quote(sender)}")
            assert {one["id"] for one in listed["data"]} == expected, sender
        await node.stop()
        await node.audit()
