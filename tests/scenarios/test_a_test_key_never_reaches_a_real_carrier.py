"""Test traffic takes the real path, and ends at a simulated carrier whatever it asks for."""

from tests.scenarios.conftest import StartNode
from tests.support.api import Api
from tests.support.far_end import FarEnd
from tests.support.receiver import Receiver

SIMULATED = {"name": "sandbox", "type": "simulator", "receipt_delay_ms": 50}
COUNT = 10


async def test_a_test_key_never_reaches_a_real_carrier(
    engine_url: str, start_node: StartNode, far_end: FarEnd, receiver: Receiver
) -> None:
    """Promise 9: test traffic never reaches a real carrier and never costs; the modes do not see each other."""
    node = await start_node(
        [far_end.table("acme"), SIMULATED],
        {"default": ["acme"], "both": ["acme", "sandbox"]},
        database_url=engine_url,
    )
    await node.hook(receiver, "/live")
    made = await node.api.ask("POST", "/v1/keys", {"name": "sandbox", "mode": "test"})
    async with Api(node.product.url, made["secret"]) as sandbox:
        await sandbox.ask("POST", "/v1/webhooks", {"url": f"{receiver.url}/test", "events": ["*"]})
        ids = [
            await sandbox.accepted(f"+1555010{n:04}", **({"route": ("default", "both")[n % 2]} if n else {}))
            for n in range(COUNT)
        ]
        ended = await sandbox.ended(ids)
        assert {m["status"] for m in ended.values()} == {"delivered"}
        assert {(m["test"], m["price"]) for m in ended.values()} == {(True, "0.00")}
        live = await node.api.accepted("+15550201234")
        await node.api.until(live, "delivered")
        assert [m["id"] for m in await node.api.messages()] == [live]
        assert live not in {m["id"] for m in await sandbox.messages()}
        assert (await node.api.call("GET", f"/v1/messages/{ids[0]}")).status == 404
        assert (await sandbox.call("GET", f"/v1/messages/{live}")).status == 404
        assert (await sandbox.call("GET", "/v1/carriers")).code == "wrong_mode"

        # The simulated carrier goes: what is left is refused, not sent the real way.
        await node.api.ask("PATCH", "/v1/carriers/sandbox", {"enabled": False})
        refused = await sandbox.send("+15550109999")
        assert (refused.status, refused.code) == (422, "no_route")
    assert far_end.recipients == ["+15550201234"]
    posts = await receiver.wait_for(2 * COUNT, path="/test")
    assert {post.json["data"]["test"] for post in posts} == {True}
    assert {post.json["data"]["id"] for post in await receiver.wait_for(2, path="/live")} == {live}
    await node.stop()
    await node.audit()
