"""`credit_limit` of accounts, `/v1/balance` and `/v1/adjustments`."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.doors.office import Office
from tests.http.asgi import Client
from tests.http.world import SEND


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    made = await Office.open("sqlite://")
    await made.route()
    yield made
    await made.close()


async def prepaid(office: Office, limit: str | None = "0") -> tuple[str, Client, Client]:
    """A new account with this limit: its id, and clients with its live key and its test key."""
    body = {"name": "Prepaid", "price_per_segment": "0.5", "credit_limit": limit}
    made = (await office.client().post("/v1/accounts", body)).json
    assert made["credit_limit"] == (limit if limit is None else f"{float(limit):.2f}")
    live, test = (office.client(key["secret"]) for key in made["keys"])
    return made["id"], live, test


def adjustment(account_id: str, amount: str = "1.25", **fields: Any) -> dict[str, Any]:
    return {"account_id": account_id, "amount": amount, "currency": "EUR", "reason": "paid", **fields}


async def test_a_balance_tells_what_was_booked_held_and_may_be_spent(office: Office) -> None:
    account_id, live, test = await prepaid(office)
    refused = await live.post("/v1/sms/send", SEND)
    assert (refused.status, refused.json["code"]) == (402, "insufficient_credit")
    assert refused.json["account_id"] == account_id
    booked = await office.client().post("/v1/adjustments", adjustment(account_id, reference="77"))
    assert booked.status == 201, booked.body
    assert (booked.json["amount"], booked.json["reference"]) == ("1.25", "77")
    assert (await live.post("/v1/sms/send", SEND)).status == 202
    for client in (live, test):
        shown = (await client.get("/v1/balance")).json
        assert shown.pop("as_of").startswith("20")
        assert shown == {
            "account_id": account_id,
            "currency": "EUR",
            "balance": "1.25",
            "held": "0.50",
            "credit_limit": "0.00",
            "available": "0.75",
        }
    assert (await live.get(f"/v1/adjustments/{booked.json['id']}")).json == booked.json
    assert (await live.get("/v1/adjustments")).json["data"] == [booked.json]
    others = await office.client().get(f"/v1/adjustments?account_id={account_id}")
    assert others.json["data"] == [booked.json]
    assert (await office.client().get(f"/v1/balance?account_id={account_id}")).json["available"] == "0.75"


async def test_an_account_without_a_limit_has_a_balance_too(office: Office) -> None:
    account_id, live, _ = await prepaid(office, None)
    assert (await live.post("/v1/sms/send", SEND)).status == 202
    await office.client().post("/v1/adjustments", adjustment(account_id, "-0.25"))
    shown = (await live.get("/v1/balance")).json
    assert (shown["balance"], shown["held"]) == ("-0.25", "0.50")
    assert (shown["credit_limit"], shown["available"]) == (None, None)
    patched = await office.client().patch(f"/v1/accounts/{account_id}", {"credit_limit": "1"})
    assert patched.json["credit_limit"] == "1.00"
    assert (await live.post("/v1/sms/send", SEND)).status == 402
    await office.client().patch(f"/v1/accounts/{account_id}", {"credit_limit": None})
    assert (await live.post("/v1/sms/send", SEND)).status == 202


async def test_a_repeated_booking_books_once(office: Office) -> None:
    account_id, live, _ = await prepaid(office)
    headers = {"Idempotency-Key": "transfer-1"}
    first, second = [
        await office.client().post("/v1/adjustments", adjustment(account_id), headers=headers)
        for _ in range(2)
    ]
    assert first.body == second.body
    assert (await live.get("/v1/balance")).json["balance"] == "1.25"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "x"}, "amount"),
        ({"amount": "0.0000001"}, "amount"),
        ({"amount": "1000000001"}, "amount"),
        ({"currency": "USD"}, "currency"),
        ({"account_id": "acc_gone"}, "account_id"),
        ({"reason": ""}, "reason"),
    ],
)
async def test_a_wrong_booking_is_refused(office: Office, fields: dict[str, str], param: str) -> None:
    account_id, _, _ = await prepaid(office)
    reply = await office.client().post("/v1/adjustments", adjustment(account_id) | fields)
    assert (reply.status, reply.json["code"], reply.json["param"]) == (422, "invalid_field", param)


async def test_customers_see_their_own_money_and_book_nothing(office: Office) -> None:
    account_id, live, _ = await prepaid(office)
    _, other, _ = await prepaid(office)
    booked = (await office.client().post("/v1/adjustments", adjustment(account_id))).json
    assert (await live.post("/v1/adjustments", adjustment(account_id))).status == 403
    assert (await other.get(f"/v1/adjustments/{booked['id']}")).status == 404
    assert (await other.get("/v1/adjustments")).json["data"] == []
    for path in ("/v1/balance", "/v1/adjustments"):
        assert (await other.get(f"{path}?account_id={account_id}")).status == 403


async def test_a_preview_shows_the_refusal_and_takes_nothing(office: Office) -> None:
    account_id, live, test = await prepaid(office)
    shown = (await live.post("/v1/sms/preview", SEND)).json
    assert shown["refusal"]["code"] == "insufficient_credit"
    assert (await test.post("/v1/sms/preview", SEND)).json["refusal"] is None
    await office.client().post("/v1/adjustments", adjustment(account_id))
    assert (await live.post("/v1/sms/preview", SEND)).json["refusal"] is None
    assert (await live.get("/v1/balance")).json["available"] == "1.25"
