"""Who may use which endpoint: every operation of the document, with a key or a session of every kind of caller.

The tables are data, and the documentation prints them (docs/reference/access.md):

- `access.csv` has a row for each operation and a column for each caller: `yes`, `no` (403 `forbidden`), or `live`
  (403 `wrong_mode`: it needs a live key);
- `sight.csv` has a row for each kind of object of a customer, and what callers of other accounts get for its path.
"""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from onesixty.http.scopes import ALL_SCOPES, OPERATOR_SCOPES, ROLES, TEST_SCOPES
from tests.accounts.test_accounts_subaccounts import Someone, at, below, customer
from tests.doors.office import Office
from tests.http.asgi import Client, Reply
from tests.http.world import SEND
from tests.people.browser import ORIGIN
from tests.people.conftest import Town
from tests.profiles.samples import PDF, upload
from tests.support.postgres import ROOT

ACCESS = ROOT / "tests" / "doors" / "access.csv"
SIGHT = ROOT / "tests" / "doors" / "sight.csv"

#: A value for each parameter of a path. No object has it.
IN_PATHS = {
    "number": "+15551234567", "name": "oldest_queued", "message_id": "msg_01h455vb4pex5vsknk084sn02q",
    "version": "1",
}  # fmt: skip


def table(path: Any) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    office = await Office.open(public_url=ORIGIN, data_dir=tmp_path)
    await office.route()
    yield Town(office)
    await office.close()


def operations(document: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """Those that need a scope."""
    return [
        (method.upper(), path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if "x-scope" in operation
    ]


async def callers(town: Town) -> dict[str, list[Any]]:
    """By the name of their column: a key, and for roles a session too."""
    office = town.office
    shop = await customer(office)
    owner = await town.owner()
    found: dict[str, list[Any]] = {"operator": [office.client(), owner]}
    for role in ("network", "finance", "support"):
        session = await town.invited(owner, f"{role}@example.com", role)
        found[f"operator {role}"] = [await _key(office, office.client(), ROLES[role].scopes), session]
    inside = {"onesixty_account": shop.id}
    for name, role in ROLES.items():
        if name in ("owner", "network"):
            continue
        session = await town.invited(owner, f"{name}@shop.example.com", name, **inside)
        session.account = shop.id  # type: ignore[attr-defined]
        key = await _key(office, shop.live, role.scopes_in(operator=False))
        found[name] = [key, session]
    found["test key"] = [shop.test]
    assert set(shop.scopes["test"]) == set(TEST_SCOPES)
    return found


async def _key(office: Office, giver: Client, scopes: Any) -> Client:
    made = await giver.post("/v1/keys", {"name": "k", "mode": "live", "scopes": sorted(scopes)})
    assert made.status == 201, made.body
    return office.client(made.json["secret"])


async def ask(caller: Any, method: str, path: str) -> Reply:
    """One call that changes nothing: no object has the id, and no body is whole."""
    for name, value in IN_PATHS.items():
        path = path.replace(f"{{{name}}}", value)
    path = path.replace("{id}", "x")
    if path == "/v1/events":
        path += "?types=nothing"  # a feed does not end
    body = [] if method in ("POST", "PATCH", "PUT") else None
    if isinstance(caller, Client):
        return await caller.request(method, path, body)
    extra: dict[str, str | None] = {}
    if hasattr(caller, "account"):
        extra["onesixty_account"] = caller.account
    reply: Reply = await caller.request(method, path, body, extra)
    return reply


def verdict(reply: Reply) -> str:
    """What the check of scopes said."""
    code = reply.json.get("code") if reply.status >= 400 else None
    if reply.status == 403 and code == "wrong_mode":
        return "live"
    if reply.status == 403 and code == "forbidden" and "scope" in reply.json:
        return "no"
    assert reply.status != 401, reply.body
    assert reply.status < 500, reply.body
    return "yes"


async def test_every_endpoint_lets_in_whom_the_table_names(town: Town, document: Any) -> None:
    rows = {row["operation"]: row for row in table(ACCESS)}
    asked = operations(document)
    assert list(rows) == sorted(rows), "in the order of the alphabet"
    missing = {f"{method} {path}" for method, path, _ in asked} ^ set(rows)
    assert not missing, f"rows of {ACCESS.name} to add or to remove, and the page to make anew: {missing}"
    everyone = await callers(town)
    wrong = []
    for method, path, operation in asked:
        row = rows[f"{method} {path}"]
        assert (row["scope"], row["audience"]) == (operation["x-scope"], operation["x-audience"])
        for name, kinds in everyone.items():
            for caller in kinds:
                got = verdict(await ask(caller, method, path))
                if got != row[name]:
                    wrong.append(f"{method} {path}: {name} ({type(caller).__name__}) gets {got}")
    assert not wrong, "\n".join(wrong)


def test_the_table_gives_operators_endpoints_to_the_operator_alone() -> None:
    for row in table(ACCESS):
        others = {row[name] for name in row if name in ROLES or name == "test key"}
        if row["audience"] == "operator":
            assert row["scope"] in OPERATOR_SCOPES
            assert others <= {"no", "live"}, row
        assert row["operator"] == "yes"
        assert row["scope"] in ALL_SCOPES


# ------------------------------------------------------------ what others see of a customer's objects


async def objects(office: Office, shop: Someone) -> dict[str, str]:
    """The paths of objects of a customer, by their kind."""
    sent = (await shop.live.post("/v1/sms/send", SEND)).json["message_id"]
    batch = (
        await shop.live.post("/v1/sms/batch", {"from": "Shop", "text": "Hi", "to": ["+15551234567"]})
    ).json["id"]
    hook = (await shop.live.post("/v1/webhooks", {"url": "https://example.com/h", "events": ["*"]})).json[
        "id"
    ]
    canceled = (await shop.live.post("/v1/sms/send", SEND)).json["message_id"]
    assert (await shop.live.post(f"/v1/messages/{canceled}/cancel")).status == 200
    delivery = (await shop.live.get(f"/v1/webhooks/{hook}/deliveries")).json["data"][0]["id"]
    key = (await shop.live.post("/v1/keys", {"name": "k", "mode": "live"})).json["id"]
    bind = (await shop.live.post("/v1/smpp-credentials", {"system_id": "shop"})).json["id"]
    child = (await below(office, shop, "Below")).id
    operator = office.client()
    number = (await operator.post("/v1/numbers", {"number": "+15550001111", "account_id": shop.id})).json[
        "id"
    ]
    booked = {"account_id": shop.id, "amount": "1", "currency": "EUR", "reason": "test"}
    adjustment = (await operator.post("/v1/adjustments", booked)).json["id"]
    entry = (await shop.live.get("/v1/audit")).json["data"][0]["id"]
    document = (await upload(shop.live, PDF)).json["id"]
    shared = {"page": "messages", "name": "failed", "shared": True}
    view = (await shop.live.post("/v1/saved-views", shared)).json["id"]
    text = {"name": "hello", "purpose": "otp", "default_language": "en", "texts": {"en": "Hi"}}
    template = (await shop.live.post("/v1/templates", text)).json["id"]
    return {
        "template": f"/v1/templates/{template}",
        "message": f"/v1/messages/{sent}",
        "history": f"/v1/messages/{sent}/history",
        "batch": f"/v1/batches/{batch}",
        "webhook": f"/v1/webhooks/{hook}",
        "deliveries": f"/v1/webhooks/{hook}/deliveries",
        "delivery": f"/v1/deliveries/{delivery}",
        "webhook statistics": f"/v1/webhooks/{hook}/statistics",
        "key": f"/v1/keys/{key}",
        "credential": f"/v1/smpp-credentials/{bind}",
        "number": f"/v1/numbers/{number}",
        "adjustment": f"/v1/adjustments/{adjustment}",
        "audit entry": f"/v1/audit/{entry}",
        "sub-account": f"/v1/subaccounts/{child}",
        "profile": f"/v1/profiles/{shop.id}",
        "document": f"/v1/documents/{document}",
        "shared view": f"/v1/saved-views/{view}",
    }


async def test_others_see_of_a_customers_objects_what_the_table_says(town: Town) -> None:
    office = town.office
    parent = await customer(office, "Parent")
    shop = await below(office, parent, "Shop")
    sibling = await below(office, parent, "Sibling")
    stranger = await customer(office, "Stranger")
    paths = await objects(office, shop)
    sub = await below(office, shop, "Sub")
    inside = at(shop)
    asking = {
        "own": (shop.live, {}),
        "own test key": (shop.test, {}),
        "parent": (parent.live, {}),
        "parent inside": (parent.live, inside),
        "sibling": (sibling.live, {}),
        "sibling inside": (sibling.live, inside),
        "sub-account": (sub.live, {}),
        "sub-account inside": (sub.live, inside),
        "stranger": (stranger.live, {}),
        "operator": (office.client(), {}),
        "operator inside": (office.client(), inside),
    }
    rows = {row["object"]: row for row in table(SIGHT)}
    assert set(rows) == set(paths)
    wrong = []
    for kind, path in paths.items():
        unknown = path.replace(path.split("/")[3], path.split("/")[3][:-4] + "zzzz")
        for name, (client, headers) in asking.items():
            reply = await client.get(path, headers=headers)
            if str(reply.status) != rows[kind][name]:
                wrong.append(f"{kind}: {name} gets {reply.status}")
            if reply.status == 404:
                other = await client.get(unknown, headers=headers)
                same = {**other.json, "request_id": ""} == {**reply.json, "request_id": ""}
                assert same, f"{kind}: {name} can tell an object that exists from one that does not"
    assert not wrong, "\n".join(wrong)
