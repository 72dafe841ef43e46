"""What a sub-account spends, each account above it spends too, at its own price."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from onesixty.messages import changes
from onesixty.ops.settings import Settings
from onesixty.retention.keeper import Keeper
from tests.accounts.test_accounts_subaccounts import Someone, below, customer
from tests.doors.office import Office
from tests.http.world import SEND

LONG = {"text": "x" * 200}  # two segments


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    made = await Office.open("sqlite://")
    await made.route()
    yield made
    await made.close()


async def family(office: Office, **limits: str) -> tuple[Someone, Someone, Someone]:
    """A customer that pays 0.02, its branch that pays 0.03, and the branch's shop that pays 0.05 in dollars."""
    top = await customer(office, "Top", credit_limit=limits.get("top"))
    branch = await below(office, top, "Branch", price_per_segment="0.03", credit_limit=limits.get("branch"))
    shop = await below(
        office, branch, "Shop", price_per_segment="0.05", currency="USD", credit_limit=limits.get("shop")
    )
    return top, branch, shop


async def balance(one: Someone) -> dict[str, Any]:
    shown = (await one.live.get("/v1/balance")).json
    return {name: shown[name] for name in ("balance", "held", "available", "currency")}


async def held(*accounts: Someone) -> list[str]:
    return [(await balance(one))["held"] for one in accounts]


async def test_each_account_above_holds_its_own_price(office: Office) -> None:
    top, branch, shop = await family(office)
    sent = (await shop.live.post("/v1/sms/send", SEND)).json
    assert (sent["price"], sent["currency"]) == ("0.05", "USD"), "the customer sees its own price alone"
    assert await held(top, branch, shop) == ["0.02", "0.03", "0.05"]
    assert (await balance(shop))["currency"] == "USD"
    await branch.live.post("/v1/sms/send", SEND | LONG)
    assert await held(top, branch, shop) == ["0.06", "0.09", "0.05"]
    assert (await office.client().get("/v1/balance")).json["held"] == "0.00", "the operator pays nobody"
    await shop.live.post(f"/v1/messages/{sent['message_id']}/cancel", {})
    assert await held(top, branch, shop) == ["0.04", "0.06", "0.00"]
    await shop.test.post("/v1/sms/send", SEND)
    assert await held(top, branch, shop) == ["0.04", "0.06", "0.00"], "test traffic is free for all"


async def test_a_refusal_says_whose_credit_ended_and_nothing_is_kept(office: Office) -> None:
    top, branch, shop = await family(office, top="0.04", branch="0.03", shop="1")
    assert (await shop.live.post("/v1/sms/send", SEND)).status == 202
    refused = await shop.live.post("/v1/sms/send", SEND)
    assert (refused.status, refused.json["code"], refused.json["levels_above"]) == (
        402,
        "insufficient_credit",
        1,
    )
    assert "account_id" not in refused.json, "it does not learn what is above it"
    assert branch.id not in refused.body.decode()
    refusal = (await shop.live.post("/v1/sms/preview", SEND)).json["refusal"]
    assert refusal["code"] == "insufficient_credit"
    refused = await branch.live.post("/v1/sms/send", SEND)
    assert (refused.json["account_id"], refused.json["levels_above"]) == (branch.id, 0)
    assert await held(top, branch, shop) == ["0.02", "0.03", "0.05"]
    assert (await balance(shop))["available"] == "0.95", "what was reserved for the refused one is back"
    # More for the branch; then the top account's 0.02 are the end.
    adjustment = {"account_id": branch.id, "amount": "1", "currency": "EUR", "reason": "test"}
    assert (await office.client().post("/v1/adjustments", adjustment)).status == 201
    assert (await shop.live.post("/v1/sms/send", SEND)).status == 202
    refused = await shop.live.post("/v1/sms/send", SEND)
    assert refused.json["levels_above"] == 2
    assert (await top.live.post("/v1/sms/send", SEND)).json["levels_above"] == 0


async def test_a_longer_text_and_a_new_price_are_held_above_too(office: Office) -> None:
    top, branch, shop = await family(office, top="0.05")
    later = {"scheduled_at": "2026-11-24T12:00:00Z"}
    sent = (await shop.live.post("/v1/sms/send", SEND | later)).json
    path = f"/v1/messages/{sent['message_id']}"
    assert (await shop.live.patch(path, LONG)).status == 200
    assert await held(top, branch, shop) == ["0.04", "0.06", "0.10"]
    refused = await shop.live.patch(path, {"text": "x" * 400})
    assert (refused.status, refused.json["levels_above"]) == (402, 2)
    assert await held(top, branch, shop) == ["0.04", "0.06", "0.10"]
    # The price is fixed at release, for every account.
    await branch.live.patch(f"/v1/subaccounts/{shop.id}", {"price_per_segment": "0.01"})
    await office.client().patch(f"/v1/accounts/{branch.id}", {"price_per_segment": "0.04"})
    office.clock.ms = int(datetime.fromisoformat("2026-11-24T12:00:01+00:00").timestamp() * 1000)
    await office.features.sweep.once()
    assert (await shop.live.get(path)).json["status"] == "queued"
    assert await held(top, branch, shop) == ["0.04", "0.08", "0.02"]


async def test_what_removed_messages_cost_stays_in_every_balance(office: Office) -> None:
    top, branch, shop = await family(office)
    recorder = office.features.path.recorder
    for _ in range(3):
        await shop.live.post("/v1/sms/send", SEND)
        for status in ("sent", "delivered"):
            message = replace(office.accepted[-1])
            change = changes.advance(message, status, office.clock.now_ms())
            if status == "sent":
                change.after.sent_at = office.clock.now_ms()
            assert await office.store.commit([recorder.change(change)]) == [True]
            office.accepted[-1] = change.after
    for one, owed in ((top, "-0.06"), (branch, "-0.09"), (shop, "-0.15")):
        assert (await balance(one))["balance"] == owed
    office.clock.turn(10 * 86_400)
    keeper = Keeper(
        office.store,
        Settings(retention_events_days=4, retention_messages_days=8),
        clock=office.clock,
        observer=office.node.observer,
        redact=office.features.control.redact,
    )
    await keeper.once()
    assert (await shop.live.get("/v1/messages")).json["data"] == []
    for one, owed in ((top, "-0.06"), (branch, "-0.09"), (shop, "-0.15")):
        assert (await balance(one))["balance"] == owed
    limit = await office.client().patch(f"/v1/accounts/{top.id}", {"credit_limit": "0.07"})
    assert limit.status == 200
    assert (await shop.live.post("/v1/sms/send", SEND)).json["levels_above"] == 2, "the past counts"
