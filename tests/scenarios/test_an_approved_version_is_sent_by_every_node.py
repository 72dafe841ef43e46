"""A version that is approved at one node of a database is what the other node sends, and so is its end."""

from __future__ import annotations

from typing import Any

from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd
from tests.support.waiting import wait_until_async

TEMPLATE = {
    "name": "welcome",
    "purpose": "marketing",
    "default_language": "en",
    "texts": {"en": "Welcome, {name}"},
    "variables": {"name": {"type": "string"}},
}


async def test_an_approved_version_is_sent_by_every_node(
    postgres_url: str, start_node: StartNode, far_end: FarEnd
) -> None:
    routes = {"default": ["acme"]}
    first = await start_node([far_end.table("acme")], routes, database_url=postgres_url)
    second = await start_node([far_end.table("acme")], routes, database_url=postgres_url)
    path = "/v1/templates/" + (await first.api.ask("POST", "/v1/templates", TEMPLATE))["id"]

    async def approve() -> None:
        await first.api.ask("POST", f"{path}/submit")
        await first.api.ask("POST", f"{path}/decide", {"decision": "approve"})

    async def sent(wanted: str) -> Any:
        """What the second node sends, once that is as wanted: a version or a refusal."""

        async def asked() -> Any:
            reply = await second.api.send(
                "+15550100001", text=None, template="welcome", variables={"name": "Ada"}
            )
            found = f"version {reply.json['template']['version']}" if reply.status == 202 else reply.code
            return reply.json if found == wanted else None

        return await wait_until_async(asked, 15, wanted)

    assert (await sent("template_not_approved"))["retryable"] is False
    await approve()
    assert (await sent("version 1"))["text"] == "Welcome, Ada"
    await first.api.ask("PATCH", path, {"texts": {"en": "Hello again, {name}"}})
    await approve()
    assert (await sent("version 2"))["text"] == "Hello again, Ada"
    await first.api.ask("POST", f"{path}/retire")
    await sent("template_not_approved")
    await first.audit()
