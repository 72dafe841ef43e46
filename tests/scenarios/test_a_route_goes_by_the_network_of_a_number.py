"""An operator imports ranges of numbers; a route by network then takes the messages to it."""

from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd


async def test_a_route_goes_by_the_network_of_a_number(start_node: StartNode) -> None:
    """Routes with filters by network, on a running product."""
    async with FarEnd() as cheap, FarEnd() as dear:
        node = await start_node([cheap.table("cheap"), dear.table("dear")], {"default": ["dear"]})
        ask = node.api.ask
        ranges = [{"prefix": "49151", "network": "26201"}, {"prefix": "49152", "network": "26202"}]
        assert await ask("PUT", "/v1/number-ranges", {"ranges": ranges}) == {"count": 2}
        await ask(
            "POST", "/v1/routes", {"name": "telekom", "carriers": ["cheap"], "match": {"networks": ["26201"]}}
        )
        await node.bound("cheap", "dear")
        sent = [(await node.api.send(to)).id for to in ("+4915112345678", "+4915212345678", "+15551234567")]
        ended = await node.api.ended(sent)
        assert [ended[id_]["network"] for id_ in sent] == ["26201", "26202", None]
        assert {to for to, _ in cheap.copies()} == {"+4915112345678"}
        assert {to for to, _ in dear.copies()} == {"+4915212345678", "+15551234567"}
        assert (await ask("GET", "/v1/lookup/+4915112345678"))["network"] == "26201"
        page = await ask("GET", "/v1/number-ranges?limit=1")
        assert (page["data"], page["next"]) == ([ranges[0]], "49151")
        wrong = await node.api.call(
            "PUT", "/v1/number-ranges", {"ranges": [{"prefix": "+49", "network": "26201"}]}
        )
        assert (wrong.status, wrong.json["param"]) == (422, "ranges[0].prefix")
