"""The audit log over the API: every endpoint that changes something leaves an entry that says who, and no secret; and
what callers see of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any, NamedTuple

import pytest

from onesixty.audit_log.entry import chain_hash, digest_of
from onesixty.audit_log.recording import MASK
from onesixty.store.notes import LONGEST
from tests.doors.office import SMPP, Office
from tests.http.asgi import Reply
from tests.http.world import SEND

#: What changes nothing, and the traffic of messages, whose history is their own record.
NOT_NOTED = {
    "send_message", "send_batch", "reply_to_message", "change_message", "cancel_message", "cancel_batch",
    "preview_message", "preview_template", "explain_route", "simulate_routes", "send_from_handset",
    "take_carrier_receipts",
    "take_carrier_inbound",
    "get_passkey_sign_in_options", "get_passkey_options", "begin_totp", "show_invitation", "ask_password_reset",
    "start_oidc", "change_preferences",
    "start_verification", "resend_verification", "check_verification", "check_verification_of",
    "cancel_verification", "report_verification", "preview_verify_text",
}  # fmt: skip

CARRIER_PASSWORD = "s3cret-of-carrier"
NEW_PASSWORD = "n3w-pass"


class Act(NamedTuple):
    """A request that changes something, and what its entry says. `{name}` in the path is the id in an earlier answer,
    which was kept under that name (`keep`)."""

    operation: str
    method: str
    path: str
    body: Any
    action: str
    object: str
    keep: str = ""


#: In the order in which they are made.
ACTS = (
    Act("create_account", "POST", "/v1/accounts", {"name": "Customer", "currency": "EUR",
        "price_per_segment": "0.01"}, "made", "account", "account"),
    Act("change_account", "PATCH", "/v1/accounts/{account}", {"credit_limit": "12.5"}, "changed", "account"),
    Act("create_subaccount", "POST", "/v1/subaccounts", {"name": "Branch", "price_per_segment": "0.02"}, "made",
        "account", "branch"),
    Act("change_subaccount", "PATCH", "/v1/subaccounts/{branch}", {"state": "suspended"}, "changed", "account"),
    Act("change_subaccount_retention", "PATCH", "/v1/subaccounts/{branch}/retention", {"messages": 90}, "made",
        "retention"),
    Act("create_adjustment", "POST", "/v1/adjustments", {"account_id": "{account}", "amount": "5",
        "currency": "EUR", "reason": "top-up for Jo"}, "made", "adjustment"),
    Act("create_key", "POST", "/v1/keys", {"name": "app", "mode": "live"}, "made", "key", "key"),
    Act("change_key", "PATCH", "/v1/keys/{key}", {"allowed_networks": ["10.0.0.0/8"]}, "changed", "key"),
    Act("rotate_key", "POST", "/v1/keys/{key}/rotate", None, "changed", "key"),
    Act("revoke_key", "DELETE", "/v1/keys/{key}", None, "changed", "key"),
    Act("create_carrier", "POST", "/v1/carriers", {"name": "acme", "type": "smpp", "enabled": False,
        "settings": SMPP | {"password": CARRIER_PASSWORD}}, "made", "carrier", "carrier"),
    Act("change_carrier", "PATCH", "/v1/carriers/{carrier}", {"settings": {"password": NEW_PASSWORD}}, "changed",
        "carrier"),
    Act("create_route", "POST", "/v1/routes", {"name": "default", "carriers": ["acme"]}, "made", "route", "route"),
    Act("change_route", "PATCH", "/v1/routes/{route}", {"match": {"countries": ["DE"]}}, "changed", "route"),
    Act("create_route", "POST", "/v1/routes", {"name": "spare", "carriers": ["acme"]}, "made", "route", "spare"),
    Act("order_routes", "PUT", "/v1/routes/order", {"routes": [{"route": "spare"}, {"route": "default"}]}, "changed",
        "route"),
    Act("delete_route", "DELETE", "/v1/routes/{spare}", None, "removed", "route"),
    Act("delete_route", "DELETE", "/v1/routes/{route}", None, "removed", "route"),
    Act("pause_carrier", "POST", "/v1/carriers/{carrier}/pause", {"reason": "broken"}, "made", "pause"),
    Act("drain_carrier", "POST", "/v1/carriers/{carrier}/drain", None, "changed", "pause"),
    Act("resume_carrier", "POST", "/v1/carriers/{carrier}/resume", None, "removed", "pause"),
    Act("create_pause", "POST", "/v1/pauses", {"kind": "sender", "value": "YourBrand"}, "made", "pause", "pause"),
    Act("delete_pause", "DELETE", "/v1/pauses/{pause}", None, "removed", "pause"),
    Act("delete_carrier", "DELETE", "/v1/carriers/{carrier}", None, "removed", "carrier"),
    Act("create_webhook", "POST", "/v1/webhooks", {"url": "https://example.com/h", "events": ["*"]}, "made",
        "webhook", "webhook"),
    Act("change_webhook", "PATCH", "/v1/webhooks/{webhook}", {"description": "new"}, "changed", "webhook"),
    Act("rotate_webhook_secret", "POST", "/v1/webhooks/{webhook}/rotate", None, "rotated", "webhook"),
    Act("rotate_callback_secret", "POST", "/v1/webhooks/callback-secret/rotate", None, "rotated", "callback_secret"),
    Act("replay_webhook", "POST", "/v1/webhooks/{webhook}/replay", {"failed_only": True}, "replayed", "webhook"),
    Act("test_webhook", "POST", "/v1/webhooks/{webhook}/test", None, "tested", "webhook"),
    Act("delete_webhook", "DELETE", "/v1/webhooks/{webhook}", None, "removed", "webhook"),
    Act("create_saved_report", "POST", "/v1/reports/saved", {"name": "week", "url": "https://example.com/r"}, "made",
        "saved_report", "saved_report"),
    Act("change_saved_report", "PATCH", "/v1/reports/saved/{saved_report}", {"name": "weeks"}, "changed",
        "saved_report"),
    Act("run_saved_report", "POST", "/v1/reports/saved/{saved_report}/run", None, "ran", "saved_report"),
    Act("delete_saved_report", "DELETE", "/v1/reports/saved/{saved_report}", None, "removed", "saved_report"),
    Act("create_saved_view", "POST", "/v1/saved-views", {"page": "messages", "name": "failed",
        "search": {"status": "failed"}}, "made", "saved_view", "saved_view"),
    Act("change_saved_view", "PATCH", "/v1/saved-views/{saved_view}", {"shared": True}, "changed", "saved_view"),
    Act("delete_saved_view", "DELETE", "/v1/saved-views/{saved_view}", None, "removed", "saved_view"),
    Act("create_verify_profile", "POST", "/v1/verify-profiles", {"name": "login", "application": "Acme"}, "made",
        "verify_profile", "verify_profile"),
    Act("change_verify_profile", "PATCH", "/v1/verify-profiles/{verify_profile}", {"life": 300}, "changed",
        "verify_profile"),
    Act("delete_verify_profile", "DELETE", "/v1/verify-profiles/{verify_profile}", None, "removed", "verify_profile"),
    Act("create_trusted_number", "POST", "/v1/trusted-numbers", {"number": "+4915112345678"}, "made",
        "trusted_number", "trusted_number"),
    Act("change_trusted_number", "PATCH", "/v1/trusted-numbers/{trusted_number}", {"note": "A fleet"}, "changed",
        "trusted_number"),
    Act("delete_trusted_number", "DELETE", "/v1/trusted-numbers/{trusted_number}", None, "removed", "trusted_number"),
    Act("change_alert_rule", "PATCH", "/v1/alert-rules/carrier_down", {"enabled": False}, "made", "rule"),
    Act("change_retention", "PATCH", "/v1/retention/{account}", {"messages": 90}, "made", "retention"),
    Act("change_profile", "PATCH", "/v1/profiles/{account}", {"legal_name": "Shop Ltd", "street": "High St 1",
        "city": "York", "country": "GB", "contact_email": "jo@example.com"}, "made", "profile"),
    Act("submit_profile", "POST", "/v1/profiles/{account}/submit", None, "changed", "profile"),
    Act("decide_profile", "POST", "/v1/profiles/{account}/decide", {"decision": "review"}, "changed", "profile"),
    Act("withdraw_profile", "POST", "/v1/profiles/{account}/withdraw", None, "changed", "profile"),
    Act("create_template", "POST", "/v1/templates", {"name": "order", "purpose": "transactional",
        "default_language": "en", "texts": {"en": "Hi"}}, "made", "template", "template"),
    Act("change_template", "PATCH", "/v1/templates/{template}", {"texts": {"en": "Hello"}}, "changed", "template"),
    Act("submit_template", "POST", "/v1/templates/{template}/submit", None, "changed", "template"),
    Act("withdraw_template", "POST", "/v1/templates/{template}/withdraw", None, "changed", "template"),
    Act("delete_template", "DELETE", "/v1/templates/{template}", None, "removed", "template"),
    Act("create_template", "POST", "/v1/templates", {"name": "order", "purpose": "transactional",
        "default_language": "en", "texts": {"en": "Hi"}}, "made", "template", "template"),
    Act("submit_template", "POST", "/v1/templates/{template}/submit", None, "changed", "template"),
    Act("decide_template", "POST", "/v1/templates/{template}/decide", {"decision": "approve"}, "changed", "template"),
    Act("retire_template", "POST", "/v1/templates/{template}/retire", None, "changed", "template"),
    Act("put_number_ranges", "PUT", "/v1/number-ranges", {"ranges": [{"prefix": "49151", "network": "26201"}]},
        "imported", "number_ranges"),
    Act("create_number", "POST", "/v1/numbers", {"number": "+4915112345678"}, "made", "number", "number"),
    Act("change_number", "PATCH", "/v1/numbers/{number}", {"keywords": ["JOIN"]}, "changed", "number"),
    Act("delete_number", "DELETE", "/v1/numbers/{number}", None, "removed", "number"),
    Act("create_smpp_credential", "POST", "/v1/smpp-credentials", {"system_id": "esme"}, "made", "credential",
        "credential"),
    Act("change_smpp_credential", "PATCH", "/v1/smpp-credentials/{credential}", {"profile": {"window": 5}}, "changed",
        "credential"),
    Act("rotate_smpp_password", "POST", "/v1/smpp-credentials/{credential}/password", None, "changed",
        "credential"),
    Act("revoke_smpp_credential", "DELETE", "/v1/smpp-credentials/{credential}", None, "changed", "credential"),
    Act("cancel_messages", "POST", "/v1/messages/cancel", {"filter": {"to": "+4915112345678"}}, "started", "job",
        "job"),
    Act("stop_job", "POST", "/v1/jobs/{job}/stop", None, "stopped", "job"),
    Act("requeue_messages", "POST", "/v1/messages/requeue", {"filter": {"country": "DE"}}, "started", "job"),
    Act("reroute_messages", "POST", "/v1/messages/reroute", {"filter": {"country": "DE"},
        "to": {"carrier": "simulated"}}, "started", "job"),
    Act("play_scenario", "POST", "/v1/sandbox/scenario", {"steps": [{"at": "1h", "do": "up"}]}, "started",
        "scenario"),
    Act("stop_scenario", "POST", "/v1/sandbox/scenario/stop", None, "stopped", "scenario"),
    Act("invite_user", "POST", "/v1/invitations", {"email": "ada@example.com", "role": "viewer"}, "made",
        "invitation", "invitation"),
    Act("renew_invitation", "POST", "/v1/invitations/{invitation}/renew", None, "changed", "invitation"),
    Act("revoke_invitation", "DELETE", "/v1/invitations/{invitation}", None, "removed", "invitation"),
    Act("rebuild_reports", "POST", "/v1/reports/rebuild", None, "rebuilt", "reports"),
    Act("redact_audit", "POST", "/v1/audit/redact", {"value": "+4915112345678"}, "redacted", "audit_log"),
)  # fmt: skip

#: Endpoints that need what an office does not have; each has a test of its own below or in its part.
ELSEWHERE = {
    "redact_message", "acknowledge_alert", "probe_carrier", "create_capture", "delete_capture", "stop_capture",
    "end_smpp_bind",
    # tests/doctor/test_doctor_endpoints.py, tests/network/test_network_live.py
    "run_doctor", "check_carrier",
    # tests/verify/test_verify_endpoints.py
    "release_verification", "redact_verification",
    # tests/verify/test_verify_guards_endpoints.py
    "release_verify_block",
    # tests/profiles/test_profiles_endpoints.py
    "upload_document", "delete_document",
    # people, as users: tests/people/test_people_audit.py
    "set_up", "sign_in", "accept_invitation", "use_password_reset", "change_me", "step_up", "change_password",
    "change_email", "use_email_change",
    "confirm_totp", "remove_totp", "create_recovery_codes", "add_passkey", "rename_passkey", "remove_passkey",
    "end_session", "end_sessions", "change_user", "delete_user", "reset_user",
}  # fmt: skip


@pytest.fixture
async def office(tmp_path: Any) -> AsyncIterator[Office]:
    made = await Office.open(data_dir=tmp_path)
    await made.features.configs.add_carrier("simulated", "simulator", {})
    yield made
    await made.close()


async def logged(office: Office, query: str = "", key: str | None = None) -> list[dict[str, Any]]:
    """The entries, newest first."""
    await office.features.audit_log.chainer.chain()
    reply = await office.client(key).get(f"/v1/audit?limit=200{query}")
    assert reply.status == 200, reply.body
    found: list[dict[str, Any]] = reply.json["data"]
    return found


async def do(office: Office, act: Act, known: dict[str, str]) -> Reply:
    body = None if act.body is None else json.loads(_filled(json.dumps(act.body), known))
    headers = {"onesixty-reason": f"ticket 7 for {act.operation}", "x-request-id": f"req-{act.operation}"}
    reply = await office.client().request(act.method, _filled(act.path, known), body, headers=headers)
    assert reply.status < 300, (act.operation, reply.body)
    if act.keep:
        known[act.keep] = reply.json["id"]
    return reply


def _filled(text: str, known: dict[str, str]) -> str:
    for name, value in known.items():
        text = text.replace(f"{{{name}}}", value)
    return text


async def test_every_change_leaves_an_entry_and_no_secret(office: Office) -> None:
    document = (await office.client().get("/openapi.json")).json
    changing = {
        operation["operationId"]
        for path in document["paths"].values()
        for method, operation in path.items()
        if method in ("post", "put", "patch", "delete")
    }
    assert changing == {act.operation for act in ACTS} | NOT_NOTED | ELSEWHERE, "an endpoint is in no list"
    own = (await office.client().get("/v1/keys")).json["data"]
    actor = next(f"key:{key['id']}" for key in own if key["mode"] == "live")
    known: dict[str, str] = {}
    secrets = {CARRIER_PASSWORD, NEW_PASSWORD}
    for act in ACTS:
        reply = await do(office, act, known)
        secrets |= set(_secrets(reply.json)) - {MASK} if reply.body else set()
        entries = await logged(office, "&all_accounts=true")
        mine = [entry for entry in entries if entry["request_id"] == f"req-{act.operation}"]
        assert mine, f"{act.operation} left no entry"
        fitting = [entry for entry in mine if (entry["action"], entry["object"]) == (act.action, act.object)]
        assert fitting, (act.operation, [(entry["action"], entry["object"]) for entry in mine])
        for entry in mine:
            assert entry["actor"] == actor
            assert entry["address"] == "192.0.2.1"
            assert entry["reason"] == f"ticket 7 for {act.operation}"
            assert entry["sequence"] is not None
    assert len(secrets) > 8
    accounts = {entry["account_id"] for entry in entries}
    for account in sorted(accounts):
        rows = await office.store.fetch("audit_chain", account_id=account, above=0, most=1000)
        values = await office.store.fetch("audit_values_of", entry_ids=[row[0] for row in rows])
        text = json.dumps([list(row) for row in (*rows, *values)])
        for secret in secrets:
            assert secret not in text, f"a secret is in the log of {account}"
            assert sha256(secret.encode()).hexdigest() not in text


def _secrets(answer: Any) -> list[str]:
    if isinstance(answer, dict):
        own = [value for name, value in answer.items() if name in ("secret", "password")]
        return own + [each for value in answer.values() for each in _secrets(value)]
    return [each for value in answer for each in _secrets(value)] if isinstance(answer, list) else []


# ------------------------------------------------------------ what is shown


async def customer(office: Office) -> tuple[str, str]:
    """Another account and its live key."""
    body = {"name": "Customer", "currency": "EUR", "price_per_segment": "0.01"}
    made = (await office.client().post("/v1/accounts", body)).json
    return made["id"], next(key["secret"] for key in made["keys"] if key["mode"] == "live")


async def test_a_change_shows_what_differs(office: Office) -> None:
    settings = SMPP | {"password": CARRIER_PASSWORD}
    body = {"name": "acme", "type": "smpp", "enabled": False, "settings": settings}
    carrier = (await office.client().post("/v1/carriers", body)).json["id"]
    change = {"settings": {"password": NEW_PASSWORD, "window": 20}}
    await office.client().patch(f"/v1/carriers/{carrier}", change)
    changed, made = await logged(office, f"&object_id={carrier}")
    assert (changed["before"], changed["after"]) == (
        {"settings": {"password": MASK, "window": 10}},
        {"settings": {"password": MASK, "window": 20}},
    )
    assert made["after"]["settings"]["password"] == MASK
    assert made["before"] is None
    assert "version" not in made["after"]


async def test_a_customer_sees_its_own_log_and_not_from_where_an_operator_came(office: Office) -> None:
    account, key = await customer(office)
    body = {"number": "+4915112345678", "account_id": account, "carrier": "simulated"}
    reply = await office.client().post("/v1/numbers", body, headers={"onesixty-reason": "they pay late"})
    assert reply.status == 201, reply.body
    await office.client(key).post("/v1/keys", {"name": "app", "mode": "live"})
    own = await logged(office, key=key)
    assert {entry["account_id"] for entry in own} == {account}
    new_key, number = own[0], own[1]
    assert (new_key["home"], new_key["address"]) == (None, "192.0.2.1")
    assert (number["home"], number["address"], number["reason"]) == (office.account_id, None, None)
    assert "internal" not in number
    assert "carrier" not in json.dumps(number["after"])
    (seen,) = await logged(office, f"&all_accounts=true&object_id={number['object_id']}")
    assert (seen["address"], seen["reason"]) == ("192.0.2.1", "they pay late")
    assert seen["internal"]["after"]["carrier_id"].startswith("car_")
    refused = await office.client(key).get("/v1/audit?all_accounts=true")
    assert (refused.status, refused.json["code"]) == (403, "forbidden")
    other = next(entry["id"] for entry in await logged(office))
    assert (await office.client(key).get(f"/v1/audit/{other}")).status == 404
    assert (await office.client().get(f"/v1/audit/{number['id']}")).json["account_id"] == account


async def test_filters_and_pages(office: Office) -> None:
    for name in ("one", "two", "three"):
        await office.client().post("/v1/keys", {"name": name, "mode": "live"})
        office.clock.turn(60)
    await office.client().post("/v1/pauses", {"kind": "sender", "value": "YourBrand"})
    keys = await logged(office, "&object=key&action=made&actor=" + (await logged(office))[0]["actor"])
    assert [entry["after"]["name"] for entry in keys] == ["three", "two", "one"]
    late = await logged(office, f"&object=key&created_after={keys[1]['created_at']}")
    assert [entry["after"]["name"] for entry in late] == ["three", "two"]
    early = await logged(
        office, f"&object=key&actor={keys[0]['actor']}&created_before={keys[1]['created_at']}"
    )
    assert [entry["after"]["name"] for entry in early] == ["one"]
    first = (await office.client().get("/v1/audit?limit=2")).json
    rest = (await office.client().get(f"/v1/audit?limit=200&after={first['next']}")).json
    every = await logged(office)
    assert [entry["id"] for entry in (*first["data"], *rest["data"])] == [entry["id"] for entry in every]
    assert [entry["sequence"] for entry in every] == list(range(len(every), 0, -1))
    page = await office.client().get("/v1/audit?after=key_1")
    assert (page.status, page.json["param"]) == (422, "after")


async def test_reading_needs_its_scope_and_a_live_key(office: Office) -> None:
    reply = await office.client(await office.reader()).get("/v1/audit")
    assert (reply.status, reply.json["scope"]) == (403, "audit:read")
    assert (await office.client(office.test).get("/v1/audit")).json["code"] == "wrong_mode"


async def test_an_export_can_be_verified_without_onesixty(office: Office) -> None:
    account, key = await customer(office)
    body = {"number": "+4915112345678", "account_id": account, "carrier": "simulated"}
    await office.client().post("/v1/numbers", body)
    await office.client(key).post("/v1/keys", {"name": "Jo's", "mode": "live"})
    await logged(office)
    reply = await office.client(key).get("/v1/audit/export")
    assert reply.headers["content-type"] == "application/x-ndjson"
    *lines, last = [json.loads(line) for line in reply.body.splitlines()]
    previous = ""
    for number, line in enumerate(lines, 1):
        assert (line["sequence"], line["previous"]) == (number, previous)
        assert line["hash"] == sha256(f"{previous}\n{line['hashed']}".encode()).hexdigest()
        assert line["hash"] == chain_hash(previous, line["hashed"])
        for digest, known in line["personal"].items():
            assert digest == digest_of(known["salt"], known["value"])
            assert digest in line["hashed"]
        previous = line["hash"]
    assert (last["head"]["count"], last["head"]["hash"]) == (len(lines), previous)
    assert "car_" not in reply.body.decode()
    assert "192.0.2.1" in reply.body.decode()
    head = (await office.client(key).get("/v1/audit/head")).json
    assert head == last["head"]
    (noted,) = await logged(office, "&object=audit_log", key)
    assert (noted["action"], noted["details"]) == (
        "exported",
        {"format": "jsonl", "all_accounts": False},
    ) or (noted["details"] == {"format": "jsonl"})


async def test_an_export_as_csv_ends_with_the_head(office: Office) -> None:
    await office.client().post("/v1/keys", {"name": "=1+1", "mode": "live"})
    await logged(office)
    reply = await office.client().get("/v1/audit/export?format=csv&object=key")
    *rows, last = list(csv.DictReader(io.StringIO(reply.body.decode())))
    assert {row["object"] for row in rows} == {"key"}
    assert last["id"] == "head"
    head = (await office.client().get("/v1/audit/head")).json
    assert int(last["sequence"]) <= head["count"]
    assert json.loads(rows[-1]["after"])["name"] == "=1+1"


async def test_redaction_takes_a_number_out_and_keeps_the_chain(office: Office) -> None:
    wanted = {"filter": {"to": "+4915112345678"}}
    job = (await office.client().post("/v1/messages/cancel", wanted)).json["id"]
    await office.client().post("/v1/messages/cancel", {"filter": {"to": "+4915100000000"}})
    (before,) = await logged(office, f"&object_id={job}")
    assert before["details"]["to"] == "+4915112345678"
    wanted = {"value": "+4915112345678"}
    counted = (await office.client().post("/v1/audit/redact", {**wanted, "dry_run": True})).json
    reply = await office.client().post("/v1/audit/redact", wanted)
    assert counted == reply.json, "a dry run counts, and leaves everything as it is"
    assert (reply.status, reply.json) == (200, {"entries": 1})
    (after,) = await logged(office, f"&object_id={job}")
    assert (after["details"]["to"], after["redacted"]) == (None, True)
    assert after["hash"] == before["hash"]
    assert "4915112345678" not in json.dumps(await logged(office))
    assert "4915100000000" in json.dumps(await logged(office))
    reply = await office.client().post("/v1/audit/redact", {"entry_id": after["id"]})
    assert reply.status == 200
    (bare,) = await logged(office, f"&object_id={job}")
    assert bare["address"] is None
    for body in ({}, {"value": "x", "entry_id": after["id"]}):
        refused = await office.client().post("/v1/audit/redact", body)
        assert (refused.status, refused.json["code"]) == (422, "invalid_field")


async def test_a_redacted_message_leaves_the_log_too(office: Office) -> None:
    await office.route()
    sent = (await office.client().post("/v1/sms/send", SEND)).json
    await office.client().post("/v1/messages/cancel", {"filter": {"to": SEND["to"]}})
    await office.client().post(f"/v1/messages/{sent['id']}/cancel")
    reply = await office.client().post(f"/v1/messages/{sent['id']}/redact")
    assert reply.status == 200, reply.body
    text = json.dumps(await logged(office))
    assert SEND["to"] not in text
    entry = (await logged(office, f"&object_id={sent['id']}"))[0]
    assert (entry["action"], entry["object"], entry["mode"]) == ("redacted", "message", "live")


async def test_a_long_text_that_was_tried_leaves_the_log_with_its_message(office: Office) -> None:
    await office.client().post("/v1/carriers", {"name": "acme", "type": "smpp", "settings": SMPP})
    tried = {"to": SEND["to"], "from": "Acme", "text": "a probe " + "with a long text " * 40}
    reply = await office.client().post("/v1/carriers/check", {"carrier": "acme", **tried})
    assert reply.status == 200, reply.body
    reply = await office.client().post("/v1/carriers/acme/probe", tried)
    assert reply.status == 202, reply.body
    message = reply.json["message_id"]
    for action in ("checked", "probed"):
        (entry,) = await logged(office, f"&action={action}")
        assert entry["details"]["text"] == tried["text"][:LONGEST]
    for path in (f"/v1/messages/{message}/cancel", f"/v1/messages/{message}/redact"):
        reply = await office.client().post(path)
        assert reply.status == 200, reply.body
    for action in ("checked", "probed"):
        (entry,) = await logged(office, f"&action={action}")
        assert [entry["details"][name] for name in tried] == [None, None, None]


async def test_sends_leave_no_entry(office: Office) -> None:
    await office.route()
    before = len(await logged(office))
    for _ in range(3):
        assert (await office.client().post("/v1/sms/send", SEND)).status == 202
    assert len(await logged(office)) == before


async def test_a_reason_that_is_too_long_is_refused(office: Office) -> None:
    headers = {"onesixty-reason": "x" * 501}
    reply = await office.client().post("/v1/keys", {"name": "a", "mode": "live"}, headers=headers)
    assert (reply.status, reply.json["param"]) == (422, "Onesixty-Reason")
