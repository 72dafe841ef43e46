"""Written to the socket and never answered: nobody knows, and the message's own rule decides."""

from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd
from tests.support.waiting import wait_until_async

NUMBERS = range(3)


async def test_a_carrier_that_never_answers_is_unknown_then_resent_or_held(start_node: StartNode) -> None:
    """Promise 3: resent and counted, or held until its validity ends."""
    async with FarEnd(loss=1) as silent:
        node = await start_node([silent.table("acme", response_timeout_s=0.3)])
        api = node.api
        resent = [await api.accepted(f"+1555910{n:04}") for n in NUMBERS]
        held = [await api.accepted(f"+1555920{n:04}", class_="marketing", valid_for=6) for n in NUMBERS]
        for id_ in held:
            message = await api.until(id_, "held")
            assert message["error"]["code"] == "outcome_unknown"

        async def sent_again() -> bool:
            return all([(await api.message(id_))["duplicates"] >= 1 for id_ in resent])

        await wait_until_async(sent_again, what="the second try")
    async with FarEnd(port=silent.port) as talkative:
        ended = await api.ended([*resent, *held], timeout=30)
        assert {ended[id_]["status"] for id_ in resent} == {"delivered"}
        assert {ended[id_]["status"] for id_ in held} == {"unconfirmed"}
        assert {ended[id_]["duplicates"] for id_ in held} == {0}
        copies = silent.copies() + talkative.copies()
        for message in ended.values():
            assert copies[message["to"], 1] == 1 + message["duplicates"], message
        await node.stop()
        await node.audit()


async def test_a_held_message_is_found_by_its_receipt(start_node: StartNode) -> None:
    """A receipt for the same carrier, sender and recipient, if exactly one fits, tells what became."""
    async with FarEnd(loss=1, loss_taken=1, receipt_delay_ms=800) as far_end:
        node = await start_node([far_end.table("acme", response_timeout_s=0.3)])
        ids = [await node.api.accepted(f"+1555930{n:04}", class_="marketing") for n in NUMBERS]
        ended = await node.api.ended(ids)
        assert {(m["status"], m["duplicates"]) for m in ended.values()} == {("delivered", 0)}
        assert set(far_end.copies().values()) == {1}
        for id_ in ids:
            assert [event["type"] for event in await node.api.events(id_)] == [
                "message.held",
                "message.sent",
                "message.delivered",
            ]
        await node.stop()
        await node.audit()
