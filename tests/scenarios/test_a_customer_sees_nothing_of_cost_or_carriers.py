"""All that a customer's key can read, after traffic of every kind: no cost, no margin, no carrier, no raw data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.scenarios.conftest import StartNode
from tests.support.api import Api
from tests.support.far_end import FarEnd
from tests.support.receiver import Receiver
from tests.support.waiting import wait_until_async

CARRIER = "hidden-carrier"
ROUTE = "hidden-route"
OURS = "+15550001111"

#: The names of fields that are for operators.
HIDDEN = frozenset(
    {
        *("cost", "costs", "margin", "cost_per_segment", "carrier", "carriers", "carrier_id", "carrier_name"),
        *("route", "route_id", "pinned_route", "carriers_tried", "carrier_message_id", "match_id", "raw"),
        *("bind", "hops", "paid_above"),
    }
)

#: What a customer's own objects may have under such a name: nothing of the operator's.
OWN = {("/v1/smpp-binds", "bind")}


def fields(value: Any) -> Iterator[str]:
    """The names of all fields in an answer that have a value."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if inner not in (None, [], {}):
                yield name
            yield from fields(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from fields(inner)


@pytest.mark.deadline(120)
async def test_a_customer_sees_nothing_of_cost_or_carriers(
    engine_url: str, start_node: StartNode, far_end: FarEnd, receiver: Receiver
) -> None:
    table = far_end.table(CARRIER) | {"cost_per_segment": "0.0031", "currency": "EUR"}
    node = await start_node([table], {ROUTE: [CARRIER]}, database_url=engine_url, webhook_allow_private=True)
    await node.bound(CARRIER)
    document = await node.api.ask("GET", "/openapi.json")
    made = await node.api.ask(
        "POST", "/v1/accounts", {"name": "Shop", "price_per_segment": "0.02", "credit_limit": "50"}
    )
    await node.api.ask("POST", "/v1/numbers", {"number": OURS, "account_id": made["id"], "carrier": CARRIER})
    key = next(key["secret"] for key in made["keys"] if key["mode"] == "live")
    async with Api(node.product.url, key) as shop:
        hook = await shop.ask("POST", "/v1/webhooks", {"url": receiver.url + "/hook", "events": ["*"]})
        await shop.ask("POST", "/v1/smpp-credentials", {"system_id": "shop"})
        child = await shop.ask("POST", "/v1/subaccounts", {"name": "Below", "price_per_segment": "0.03"})
        sent = await shop.accepted("+15550100001", reference="r")
        batch = await shop.ask(
            "POST", "/v1/sms/batch", {"from": "Shop", "text": "Hi", "to": ["+15550100002", "+15550100003"]}
        )
        refused = await shop.send("+1")
        assert refused.code == "invalid_recipient"
        far_end.smsc.deliver("+15557654321", OURS, b"hello", system_id="test")

        async def all_there() -> bool:
            found = await shop.messages()
            return {m["status"] for m in found} == {"delivered", "received"} and len(found) == 4

        await wait_until_async(all_there, 30, "everything delivered")
        whole = await node.api.call("GET", f"/v1/messages/{sent}", headers={"Onesixty-Account": made["id"]})
        assert whole.status == 200
        preview = await shop.ask("POST", "/v1/sms/preview", {"from": "Shop", "to": OURS, "text": "Hi"})
        inbound = next(m["id"] for m in await shop.messages() if m["direction"] == "inbound")
        deliveries = await shop.ask("GET", f"/v1/webhooks/{hook['id']}/deliveries")
        ids = {
            "/v1/webhooks": hook["id"],
            "/v1/batches": batch["id"],
            "/v1/subaccounts": child["id"],
            "/v1/deliveries": deliveries["data"][0]["id"],
        }
        secrets = {CARRIER, ROUTE, "0.0031"}
        secrets |= {one["id"] for one in (await node.api.ask("GET", "/v1/carriers"))["data"]}
        secrets |= {one["id"] for one in (await node.api.ask("GET", "/v1/routes"))["data"]}
        await receiver.wait_for(6, 20)

        seen: dict[str, str] = {"preview": json.dumps(preview), "refusal": json.dumps(refused.json)}
        for number, request in enumerate(receiver.requests):
            seen[f"webhook {number}"] = request.body.decode()
        for template, item in document["paths"].items():
            operation = item.get("get")
            if operation is None or operation.get("x-audience") != "tenant" or "x-scope" not in operation:
                continue
            if template == "/v1/events":
                continue  # the feed has the bodies of webhooks
            path = template.replace("{number}", "+15550100001").replace("{account_id}", child["id"])
            start, _, rest = path.partition("/{id}")
            if path == "/v1/search":
                wanted = [f"{path}?q={word}" for word in (sent, "%2B1555010", "Below")]
            elif "{id}" not in path:
                wanted = [start]
            elif start == "/v1/messages":
                wanted = [f"{start}/{id_}{rest}" for id_ in (sent, inbound)]
            elif start in ids:
                wanted = [f"{start}/{ids[start]}{rest}"]
            else:
                wanted = [f"{start}/{one['id']}{rest}" for one in (await shop.ask("GET", start))["data"][:2]]
            for at in wanted:
                seen[at] = await _text(shop, at)
        assert len(seen) > 40, sorted(seen)
        for where, text in seen.items():
            for secret in secrets:
                assert secret not in text, f"{where} shows {secret}"
            for line in text.splitlines():
                if line.startswith(("{", "[")):
                    path = "/" + "/".join(where.split("/")[1:3])
                    shown = {name for name in fields(json.loads(line)) if (path, name) not in OWN}
                    assert not shown & HIDDEN, f"{where} shows {sorted(shown & HIDDEN)}"
    await node.stop()


async def _text(api: Api, path: str) -> str:
    """The body of an answer, whatever its type."""
    assert api._session is not None
    async with api._session.get(api.url + path, headers={"Authorization": f"Bearer {api.key}"}) as answer:
        text = await answer.text()
        assert answer.status in (200, 400, 404, 422), f"{path}: {answer.status} {text}"
        return text
