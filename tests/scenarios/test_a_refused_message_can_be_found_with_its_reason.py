"""Support finds out why a message was refused: by its number, over HTTP and SMPP, until it is redacted."""

from __future__ import annotations

import asyncio
from typing import Any

from onesixty.smpp import constants as c
from tests.scenarios.conftest import Node, StartNode
from tests.support.api import Api
from tests.support.customer import Customer
from tests.support.far_end import FarEnd
from tests.support.waiting import wait_until_async

TO = "+15557654321"


async def _refusals(node: Node, count: int, query: str = "") -> list[Any]:
    """The account's refusals, once there are so many."""

    async def there() -> list[Any] | None:
        found = (await node.api.ask("GET", f"/v1/refusals?{query}"))["data"]
        return found if len(found) >= count else None

    return await wait_until_async(there, 10, f"{count} refusals for {query!r}") or []


async def test_a_refused_message_can_be_found_with_its_reason(
    engine_url: str, start_node: StartNode, far_end: FarEnd
) -> None:
    node = await start_node([far_end.table("acme")], database_url=engine_url)
    headers = {"X-Request-Id": "ticket-4711"}
    long = {"from": "Shop", "to": "+1 555 765 4321", "text": "x" * 9000}
    assert (await node.api.call("POST", "/v1/sms/send", long, headers=headers)).code == "text_too_long"
    assert (await node.api.send("12", "Hello")).code == "invalid_recipient"
    messages = [
        {"from": "Shop", "to": TO, "text": "fine"},
        {"from": "Shop", "to": TO, "text": ""},
        {"from": "Shop", "to": TO, "text": 1},
    ]
    batch = await node.api.ask("POST", "/v1/sms/batch", {"messages": messages})
    assert batch["refused"] == 2
    credential = await node.api.ask("POST", "/v1/smpp-credentials", {"system_id": "shop"})
    async with Customer(node.product.smpp_port, "shop", credential["password"]) as customer:
        over_smpp = await customer.offer("15557654321", b"hello", validity_period="tomorrow")
        assert over_smpp.command_status == c.ESME_RINVEXPIRY
        with_octets = await customer.offer("15557654321", b"\x00h\x00", data_coding=8)
        assert with_octets.command_status == c.ESME_RSUBMITFAIL

    found = {(one["param"], one["code"]): one for one in await _refusals(node, 5, "to=%2B15557654321")}
    assert set(found) == {
        ("text", "text_too_long"),
        ("messages[1].text", "text_empty"),
        ("messages[2].text", "invalid_field"),
        ("validity_period", "invalid_field"),
        ("text", "not_decodable"),
    }
    http = found["text", "text_too_long"]
    assert {
        name: http[name] for name in ("request_id", "door", "operation", "answer", "rule", "from", "to")
    } == {
        "request_id": "ticket-4711",
        "door": "v1",
        "operation": "POST /v1/sms/send",
        "answer": "422",
        "rule": "text",
        "from": "Shop",
        "to": TO,
    }
    assert "segments" in http["detail"]
    smpp = found["validity_period", "invalid_field"]
    assert (smpp["door"], smpp["operation"], smpp["answer"]) == ("smpp", "submit_sm", "ESME_RINVEXPIRY")
    assert smpp["caller"] == credential["id"]
    assert smpp["request_id"].startswith("bnd_")
    assert found["text", "not_decodable"]["detail"].startswith("data_coding 8")
    (by_request,) = await _refusals(node, 1, "request_id=ticket-4711")
    assert by_request == http
    (short,) = await _refusals(node, 1, "to=12&code=invalid_recipient")
    assert short["rule"] == "recipient"
    assert await node.api.metrics("onesixty_refusals_total") == 6

    how = ("--url", node.product.url, "--key", node.product.admin_key, "--json")
    done = await asyncio.to_thread(node.product.command, "refusal", "list", "--door", "smpp", *how)
    assert done.returncode == 0, done.stderr
    assert "ESME_RINVEXPIRY" in done.stdout

    await node.restart()
    assert len(await _refusals(node, 5, "to=%2B15557654321")) == 5
    (fine,) = await node.api.messages()
    await node.api.until(fine["id"], "delivered")
    await node.api.ask("POST", f"/v1/messages/{fine['id']}/redact")
    assert (await node.api.ask("GET", "/v1/refusals?to=%2B15557654321"))["data"] == []
    kept = (await node.api.ask("GET", "/v1/refusals"))["data"]
    assert [one["to"] for one in kept].count(None) == 5
    assert all(one["redacted_at"] for one in kept if one["to"] is None)
    await node.stop()


async def test_an_account_sees_its_own_refusals_and_the_operator_those_of_all(
    start_node: StartNode, far_end: FarEnd
) -> None:
    node = await start_node([far_end.table("acme")])
    customer = await node.api.ask("POST", "/v1/accounts", {"name": "customer", "price_per_segment": "0.01"})
    key = await node.api.ask(
        "POST",
        "/v1/keys",
        {
            "account_id": customer["id"],
            "mode": "live",
            "scopes": ["messages:send", "messages:read"],
            "name": "shop",
        },
    )
    async with Api(node.product.url, key["secret"]) as theirs:
        assert (await theirs.send("12")).code == "invalid_recipient"
        (seen,) = await _refusals(node, 1, f"account_id={customer['id']}")
        assert (await theirs.ask("GET", "/v1/refusals"))["data"] == [seen]
        assert (await node.api.ask("GET", "/v1/refusals"))["data"] == []
        assert (await theirs.call("GET", "/v1/refusals?account_id=acc_other")).code == "forbidden"
    await node.stop()


async def test_a_bind_that_is_refused_can_be_found_too(start_node: StartNode, far_end: FarEnd) -> None:
    node = await start_node([far_end.table("acme")])
    await node.api.ask("POST", "/v1/smpp-credentials", {"system_id": "shop"})
    customer = Customer(node.product.smpp_port, "shop", "wrong")
    customer.bind.start()
    (found, *_) = await _refusals(node, 1, "door=smpp")
    await customer.bind.stop(5)
    assert (found["operation"], found["rule"], found["answer"]) == (
        "bind_transceiver",
        "password",
        "ESME_RINVPASWD",
    )
    await node.stop()
