"""`/v1/numbers` and replies on a running node: operators give numbers, tenants see their own."""

from __future__ import annotations

from typing import Any

import pytest

from onesixty.core.contracts import InboundMessage
from tests.doors.smpp.esme import Node
from tests.doors.smpp.test_smpp_door_api import Api
from tests.support.waiting import wait_until_async

OURS = "+15550001111"
HANDSET = "+15557654321"


@pytest.fixture
def live(node: Node) -> Api:
    return Api(node, node.platform.new_keys[0].secret)


async def _tenant(node: Node, live: Api) -> tuple[str, Api, Api]:
    """Another account: its id and its two keys."""
    _, made = await live("POST", "/v1/accounts", {"name": "tenant", "price_per_segment": "0.01"})
    first, second = (Api(node, key["secret"]) for key in made["keys"])
    return made["id"], first, second


async def _come(node: Node, **fields: Any) -> None:
    acks: list[bool] = []
    values = {
        "carrier_id": next(iter(node.platform.observer.carrier_names)), "sender": HANDSET, "recipient": OURS,
        "payload": b"Hi", "udh": b"", "data_coding": 0, "received_at": 0,
    }  # fmt: skip
    node.platform.features.path.inbound.receive(InboundMessage(**(values | fields)), acks.append)
    await wait_until_async(lambda: acks == [True], 20, "the acknowledgement")


async def test_operators_give_numbers_and_tenants_see_their_own(node: Node, live: Api) -> None:
    account_id, tenant, tenants_test = await _tenant(node, live)
    status, made = await live(
        "POST", "/v1/numbers", {"number": "40404", "account_id": account_id, "keywords": ["Join", "JOIN"]}
    )
    assert status == 201
    assert (made["number"], made["keywords"], made["carrier"], made["deliver_to"]) == (
        "40404",
        ["join"],
        None,
        "both",
    )
    status, seen = await tenant("GET", f"/v1/numbers/{made['id']}")
    assert (status, "carrier" in seen) == (200, False)
    assert (await tenants_test("GET", f"/v1/numbers/{made['id']}"))[0] == 404
    assert (await tenant("POST", "/v1/numbers", {"number": "40405"}))[0] == 403
    assert (await tenant("GET", "/v1/numbers?account_id=acc_other"))[0] == 403
    await live("POST", "/v1/numbers", {"number": OURS})
    assert [n["number"] for n in (await tenant("GET", "/v1/numbers"))[1]["data"]] == ["40404"]
    status, page = await live("GET", "/v1/numbers?limit=1")
    assert ([n["number"] for n in page["data"]], page["next"] is not None) == ([OURS], True)
    status, page = await live("GET", f"/v1/numbers?limit=1&after={page['next']}")
    assert ([n["number"] for n in page["data"]], page["next"]) == (["40404"], None)

    status, changed = await live("PATCH", "/v1/numbers/40404", {"keywords": [], "deliver_to": "binds"})
    assert (status, changed["keywords"], changed["deliver_to"], changed["version"]) == (200, [], "binds", 2)
    assert (await live("DELETE", "/v1/numbers/40404"))[0] == 204
    assert (await live("GET", "/v1/numbers/40404"))[0] == 404


@pytest.mark.parametrize(
    ("body", "status", "code", "param"),
    [
        ({"number": "Acme"}, 422, "invalid_field", "number"),
        ({"number": OURS, "account_id": "acc_nobody"}, 422, "invalid_field", "account_id"),
        ({"number": OURS, "carrier": "nowhere"}, 422, "invalid_field", "carrier"),
        ({"number": OURS, "credential_id": "smpp_none"}, 422, "invalid_field", "credential_id"),
        ({"number": OURS, "keywords": ["?"]}, 422, "invalid_field", "keywords[0]"),
        ({"number": OURS, "color": "red"}, 422, "unknown_field", "color"),
    ],
)
async def test_what_cannot_be_is_refused_by_its_field(
    live: Api, body: dict[str, Any], status: int, code: str, param: str
) -> None:
    answered, problem = await live("POST", "/v1/numbers", body)
    assert (answered, problem["code"], problem["param"]) == (status, code, param)


async def test_a_number_belongs_to_one_unless_keywords_part_it(live: Api) -> None:
    assert (await live("POST", "/v1/numbers", {"number": OURS}))[0] == 201
    status, problem = await live("POST", "/v1/numbers", {"number": OURS})
    assert (status, problem["code"], problem["param"]) == (409, "conflict", "keywords")
    assert (await live("POST", "/v1/numbers", {"number": OURS, "keywords": ["stop"]}))[0] == 201


async def test_a_credential_that_a_number_names_is_not_revoked(live: Api) -> None:
    """Promise 4: what comes to the number would wait for binds that can never come."""
    _, made = await live("POST", "/v1/smpp-credentials", {"system_id": "named"})
    body = {"number": OURS, "deliver_to": "binds", "credential_id": made["id"]}
    assert (await live("POST", "/v1/numbers", body))[0] == 201
    path = f"/v1/smpp-credentials/{made['id']}"
    status, problem = await live("DELETE", path)
    assert (status, problem["code"]) == (409, "conflict")
    assert OURS in problem["detail"]
    assert (await live("PATCH", f"/v1/numbers/{OURS}", {"credential_id": None}))[0] == 200
    assert (await live("DELETE", path))[0] == 204


async def test_a_credential_has_no_class_that_its_account_may_not_use(node: Node, live: Api) -> None:
    account = {"name": "Shop", "price_per_segment": "0.01", "may_use_otp": False}
    _, made = await live("POST", "/v1/accounts", account)
    tenant = Api(node, made["keys"][0]["secret"])
    body = {"system_id": "codes", "profile": {"default_class": "otp"}}
    status, problem = await tenant("POST", "/v1/smpp-credentials", body)
    assert (status, problem["code"], problem["param"]) == (403, "forbidden", "profile.default_class")


async def test_a_reply_keeps_the_number_and_its_account(node: Node, live: Api) -> None:
    account_id, tenant, _ = await _tenant(node, live)
    await live("POST", "/v1/numbers", {"number": OURS, "account_id": account_id})
    await _come(node)
    assert (await live("GET", "/v1/messages?direction=inbound"))[1]["data"] == []
    (message,) = (await tenant("GET", "/v1/messages?direction=inbound"))[1]["data"]
    path = f"/v1/messages/{message['id']}/reply"
    status, reply = await tenant("POST", path, {"text": "Thank you", "reference": "r1"})
    assert (status, reply["from"], reply["to"], reply["reference"]) == (202, OURS, HANDSET, "r1")
    assert (await live("POST", path, {"text": "not mine"}))[0] == 404
    for body, code in (
        ({}, "missing_field"),
        ({"text": "a", "to": "+1"}, "unknown_field"),
        ({"text": ""}, "text_empty"),
    ):
        assert (await tenant("POST", path, body))[1]["code"] == code
    problem = (await tenant("POST", path, {"text": "a", "reference": "\x00"}))[1]
    assert (problem["code"], problem["param"]) == ("invalid_field", "reference")
    status, _ = await tenant("POST", f"/v1/messages/{message['id']}/redact")
    assert (await tenant("POST", path, {"text": "too late"}))[1]["code"] == "too_late"
