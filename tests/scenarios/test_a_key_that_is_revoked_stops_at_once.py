"""Revoking a key ends what it can do with the answer to the revocation."""

from tests.scenarios.conftest import StartNode
from tests.support.api import Api
from tests.support.far_end import FarEnd


async def test_a_key_that_is_revoked_stops_at_once(
    engine_url: str, start_node: StartNode, far_end: FarEnd
) -> None:
    """On connections that are open, on the hot route and on all others, and after a restart."""
    node = await start_node([far_end.table("acme")], database_url=engine_url)
    made = await node.api.ask("POST", "/v1/keys", {"name": "leaked", "mode": "live"})
    async with Api(node.product.url, made["secret"]) as leaked:
        first = await leaked.accepted("+15551230001")
        await leaked.messages()
        await node.api.ask("DELETE", f"/v1/keys/{made['id']}")
        for reply in (await leaked.send("+15551230002"), await leaked.call("GET", f"/v1/messages/{first}")):
            assert (reply.status, reply.code) == (401, "key_revoked")
        await node.api.until(first, "delivered")
        await node.restart()
        assert (await leaked.send("+15551230003")).status == 401
    assert far_end.recipients == ["+15551230001"], "what was accepted before still goes"
