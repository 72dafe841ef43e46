"""`/v1/retention`: who sees and sets which times, within which bounds."""

from collections.abc import AsyncIterator

import pytest

from tests.doors.office import Office
from tests.http.asgi import Client


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    made = await Office.open("sqlite://", retention_bounds={"messages": (30, 500), "bodies": (2, 0)})
    yield made
    await made.close()


async def customer(office: Office) -> tuple[str, Client]:
    made = (await office.client().post("/v1/accounts", {"name": "Customer", "price_per_segment": "0.5"})).json
    return made["id"], office.client(made["keys"][0]["secret"])


async def test_an_account_has_the_operators_times_until_it_has_its_own(office: Office) -> None:
    account_id, client = await customer(office)
    path = f"/v1/retention/{account_id}"
    shown = (await client.get(path)).json
    assert shown["messages"] is shown["bodies"] is None
    assert shown["version"] == 0
    assert shown["in_force"] == {
        "bodies": 0, "messages": 400, "inbound": 400, "events": 30, "deliveries": 30, "receipts": 400, "refusals": 30,
        "audit": 1100,
    }  # fmt: skip
    changed = await office.client().patch(path, {"messages": 90, "bodies": 7})
    assert changed.status == 200, changed.body
    assert changed.json["version"] == 1
    assert changed.json["in_force"] == shown["in_force"] | {
        "bodies": 7, "messages": 90, "inbound": 90, "receipts": 90,
    }  # fmt: skip
    assert (await client.get(path)).json == changed.json
    assert (await client.get("/v1/retention")).json["data"] == [changed.json]
    again = await office.client().patch(path, {"messages": None, "events": 10})
    assert again.json["version"] == 2
    assert again.json["in_force"]["messages"] == 400
    assert (again.json["in_force"]["events"], again.json["in_force"]["deliveries"]) == (10, 10)


async def test_a_time_is_within_the_bounds(office: Office) -> None:
    account_id, _ = await customer(office)
    for body, param, words in (
        ({"messages": 20}, "messages", "30 to 500 days"),
        ({"messages": 501}, "messages", "30 to 500 days"),
        ({"messages": 0}, "messages", "30 to 500 days"),
        ({"bodies": 1}, "bodies", "2 to 36500 days, or 0"),
        ({"events": 3}, "events", "4 to 36500 days, or 0"),
        ({"messages": 30, "events": 40}, "events", "must not exceed `messages`"),
        ({"messages": 30, "events": 0}, "events", "must not exceed `messages`"),
        ({"texts": 30}, "texts", ""),
    ):
        refused = await office.client().patch(f"/v1/retention/{account_id}", body)
        assert (
            (refused.status, refused.json["errors"][0]["param"]) == (422, param)
            if "errors" in refused.json
            else (refused.status in (400, 422) and refused.json["param"] == param)
        ), refused.body
        assert words in refused.body.decode()
    assert (await office.client().get(f"/v1/retention/{account_id}")).json["version"] == 0
    for body in ({"bodies": 0}, {"messages": 30, "events": 30}):
        assert (await office.client().patch(f"/v1/retention/{account_id}", body)).status == 200


async def test_others_do_not_exist_for_a_key(office: Office) -> None:
    account_id, client = await customer(office)
    other, _ = await customer(office)
    for reply in (
        await client.get(f"/v1/retention/{other}"),
        await client.get("/v1/retention/acc_01h455vb4pex5vsknk084sn02q"),
        await office.client().get("/v1/retention/acc_01h455vb4pex5vsknk084sn02q"),
    ):
        assert (reply.status, reply.json["code"]) == (404, "not_found")
    assert (await client.patch(f"/v1/retention/{account_id}", {"messages": 90})).json["code"] == "forbidden"
    first = (await office.client().get("/v1/retention?limit=2")).json
    rest = (await office.client().get(f"/v1/retention?limit=2&after={first['next']}")).json
    listed = [row["account_id"] for row in first["data"] + rest["data"]]
    assert listed == sorted({office.account_id, account_id, other})
    assert rest["next"] is None


async def test_a_parent_sets_the_times_of_its_sub_accounts_within_the_operators_bounds(
    office: Office,
) -> None:
    parent_id, parent = await customer(office)
    other_id, other = await customer(office)
    made = await parent.post("/v1/subaccounts", {"name": "Below", "price_per_segment": "0.5"})
    child_id, child = made.json["id"], office.client(made.json["keys"][0]["secret"])
    path = f"/v1/subaccounts/{child_id}/retention"
    assert (await parent.get(path)).json["version"] == 0
    changed = await parent.patch(path, {"messages": 90, "bodies": 7})
    assert (changed.status, changed.json["in_force"]["messages"]) == (200, 90), changed.body
    assert (await child.get(f"/v1/retention/{child_id}")).json == changed.json
    assert (await office.client().get(f"/v1/retention/{child_id}")).json == changed.json
    refused = await parent.patch(path, {"messages": 20})
    assert (refused.status, refused.json["param"]) == (422, "messages")
    stale = await parent.patch(path, {"messages": 60}, headers={"If-Match": '"0"'})
    assert (stale.status, stale.json["code"], stale.json["version"]) == (412, "precondition_failed", 1)
    inside = {"Onesixty-Account": child_id}
    (entry,) = (await parent.get("/v1/audit?object=retention", headers=inside)).json["data"]
    assert (entry["action"], entry["object_id"], entry["home"]) == ("made", child_id, parent_id)
    for caller, account_id in ((parent, parent_id), (parent, other_id), (other, child_id), (child, child_id)):
        for reply in (
            await caller.get(f"/v1/subaccounts/{account_id}/retention"),
            await caller.patch(f"/v1/subaccounts/{account_id}/retention", {"messages": 90}),
        ):
            assert (reply.status, reply.json["code"]) == (404, "not_found")
