"""An operator pauses, drains, probes, reroutes and cancels; a carrier that leads back here is refused."""

from typing import Any

from tests.scenarios.conftest import Node, StartNode
from tests.support.far_end import FarEnd
from tests.support.waiting import wait_until_async


async def send(node: Node, number: int, **fields: Any) -> str:
    body = {"from": "Acme", "to": f"+1555000{number:04}", "text": f"message {number}", **fields}
    return str((await node.api.ask("POST", "/v1/sms/send", body))["id"])


async def until(node: Node, path: str, **wanted: Any) -> Any:
    async def look() -> Any:
        found = await node.api.ask("GET", path)
        return found if all(found[name] == value for name, value in wanted.items()) else None

    return await wait_until_async(look, 30, f"{path} with {wanted}")


async def test_an_operator_works_at_the_network_desk(start_node: StartNode) -> None:
    async with FarEnd() as first, FarEnd() as second:
        node = await start_node(
            [first.table("acme"), second.table("beta")],
            {"default": ["acme"]},
        )
        api = node.api
        await node.bound("acme", "beta")
        german_route = {"name": "german", "carriers": ["beta"], "match": {"countries": ["DE"]}}
        await api.ask("POST", "/v1/routes", german_route)

        probe = await api.ask("POST", "/v1/carriers/beta/probe", {"to": "+15551230000", "from": "Acme"})
        result = await until(node, f"/v1/carriers/beta/probe/{probe['message_id']}", status="delivered")
        assert result["segments"][0]["outcome"] == "accepted"
        assert result["segments"][0]["receipt"] == "delivered"
        assert (len(first.recipients), len(second.recipients)) == (0, 1)

        await api.ask("POST", "/v1/carriers/acme/pause", {"reason": "a test"})
        kept = [await send(node, n) for n in range(4)]
        german = str(
            (await api.ask("POST", "/v1/sms/send", {"from": "Acme", "to": "+4915112345678", "text": "x"}))[
                "id"
            ]
        )
        await until(node, f"/v1/messages/{german}", status="delivered")
        await node.restart()
        await node.bound("acme", "beta")
        assert (await api.ask("GET", "/v1/carriers/acme"))["paused"] == "pause"
        assert first.recipients == []

        dry = await api.ask(
            "POST",
            "/v1/messages/reroute",
            {"filter": {"carrier": "acme"}, "to": {"carrier": "beta"}, "dry_run": True},
        )
        assert dry["by_status"] == {"queued": 4}
        job = await api.ask("POST", "/v1/messages/cancel", {"filter": {"to": "+15550000003"}})
        await until(node, f"/v1/jobs/{job['id']}", status="done", counts={"done": 1})
        job = await api.ask(
            "POST", "/v1/messages/reroute", {"filter": {"carrier": "acme"}, "to": {"carrier": "beta"}}
        )
        await until(node, f"/v1/jobs/{job['id']}", status="done", counts={"done": 3})
        for id_ in kept[:3]:
            await until(node, f"/v1/messages/{id_}", status="delivered")
        assert first.recipients == []

        await api.ask("POST", "/v1/carriers/acme/drain", {})
        refused = await api.call("POST", "/v1/sms/send", {"from": "Acme", "to": "+15550000009", "text": "x"})
        assert (refused.status, refused.code) == (503, "draining")
        await api.ask("POST", "/v1/carriers/acme/resume", {})

        await api.ask("POST", "/v1/pauses", {"kind": "sender", "value": "Acme"})
        waits, goes = await send(node, 20), await send(node, 21, **{"from": "Shop"})
        await until(node, f"/v1/messages/{goes}", status="delivered")
        assert (await api.ask("GET", f"/v1/messages/{waits}"))["status"] == "queued"
        await api.ask("POST", "/v1/pauses", {"kind": "bind", "value": "acme/1"})
        stays = await send(node, 22, **{"from": "Shop"})
        pause, bind = (await api.ask("GET", "/v1/pauses"))["data"]
        assert (await api.ask("GET", f"/v1/messages/{stays}"))["status"] == "queued"
        await api.ask("DELETE", f"/v1/pauses/{bind['id']}")
        await until(node, f"/v1/messages/{stays}", status="delivered")
        await api.ask("DELETE", f"/v1/pauses/{pause['id']}")
        await until(node, f"/v1/messages/{waits}", status="delivered")

        port = int(api.url.rpartition(":")[2])
        settings = {"host": "localhost", "port": port, "system_id": "x", "password": "y"}
        refused = await api.call(
            "POST", "/v1/carriers", {"name": "home", "type": "smpp", "settings": settings}
        )
        assert (refused.status, refused.code) == (422, "invalid_field")
        assert "leads back to this node" in refused.json["detail"]
        await node.stop()
        await node.audit()
