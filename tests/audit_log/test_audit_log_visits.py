"""Who acts inside another account is noted, also if it only reads; and what changed while no node ran."""

from __future__ import annotations

from typing import Any

import pytest

from onesixty.audit_log.starts import note_start
from onesixty.audit_log.visits import EVERY
from onesixty.core import ids
from onesixty.ops.settings import Settings
from tests.doors.office import Office


@pytest.fixture
async def office(tmp_path: Any) -> Any:
    made = await Office.open(data_dir=tmp_path)
    yield made
    await made.close()


async def entries(office: Office, query: str) -> list[dict[str, Any]]:
    await office.features.audit_log.chainer.chain()
    reply = await office.client().get(f"/v1/audit?all_accounts=true{query}")
    assert reply.status == 200, reply.body
    found: list[dict[str, Any]] = reply.json["data"]
    return found


async def test_reading_in_another_account_is_noted_once_an_hour(office: Office) -> None:
    body = {"name": "Customer", "currency": "EUR", "price_per_segment": "0.01"}
    account = (await office.client().post("/v1/accounts", body)).json["id"]
    inside = {"onesixty-account": account, "onesixty-reason": "ticket 9"}
    missing = f"/v1/messages/msg_{'0' * 26}"
    for path in ("/v1/messages", "/v1/messages?to=%2B4915112345678", missing, "/v1/keys"):
        await office.client().get(path, headers=inside)
    found = await entries(office, "&action=entered")
    assert [entry["details"]["used"] for entry in found] == ["GET /v1/keys", "GET /v1/messages"]
    entry = found[-1]
    assert (entry["account_id"], entry["home"], entry["reason"]) == (account, office.account_id, "ticket 9")
    assert entry["actor"].startswith("key:")
    office.clock.turn(EVERY + 1)
    await office.client().get("/v1/messages", headers=inside)
    assert len(await entries(office, "&action=entered")) == 3
    await office.client().get("/v1/messages", headers={"onesixty-account": office.account_id})
    await office.client().get("/v1/messages", headers={"onesixty-account": ids.lowest_at(ids.ACCOUNT, 1)})
    assert len(await entries(office, "&action=entered")) == 3


async def test_a_change_in_another_account_names_the_home(office: Office) -> None:
    body = {"name": "Customer", "currency": "EUR", "price_per_segment": "0.01"}
    account = (await office.client().post("/v1/accounts", body)).json["id"]
    inside = {"onesixty-account": account}
    await office.client().post("/v1/webhooks", {"url": "https://a.example/", "events": ["*"]}, headers=inside)
    (made,) = await entries(office, "&object=webhook")
    assert (made["account_id"], made["home"], made["action"]) == (account, office.account_id, "made")


async def test_a_start_notes_what_changed_meanwhile(office: Office) -> None:
    async def start(**settings: Any) -> None:
        notes, store = office.node.notes, office.store
        await note_start(store, Settings(**settings), notes, office.account_id)

    await start(lane_capacity=100, admin_key="k" * 20)
    await start(lane_capacity=100, admin_key="k" * 20, http_listen="127.0.0.1:9999")
    assert await entries(office, "&actor=settings") == []
    await start(lane_capacity=200, admin_key="other" * 20, alert_emails="noc@example.com")
    (changed,) = await entries(office, "&actor=settings")
    assert (changed["action"], changed["object"]) == ("changed", "settings")
    assert changed["details"] == {
        "before": {"alert_emails": [], "lane_capacity": 100},
        "after": {"alert_emails": ["noc@example.com"], "lane_capacity": 200},
    }
    await office.store.execute("restored_at", at="2026-11-29T00:00:00Z")
    await start(lane_capacity=200, admin_key="x" * 20, alert_emails="noc@example.com")
    (restored,) = await entries(office, "&action=restored")
    assert (restored["object"], restored["details"]) == ("database", {"at": "2026-11-29T00:00:00Z"})
