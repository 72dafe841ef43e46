"""`/v1/profiles` and `/v1/documents`: filled in, submitted, decided; uploaded, downloaded and deleted."""

from __future__ import annotations

import asyncio
import hashlib
import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from onesixty.profiles import service
from tests.doors.office import Office
from tests.http.asgi import Client, Reply
from tests.people.browser import ORIGIN, Browser
from tests.people.conftest import Town
from tests.profiles.samples import JPEG, PDF, PROFILE, customer, png, upload


@pytest.fixture
async def office(engine_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    made = await Office.open(engine_url, data_dir=tmp_path, max_document_bytes=4096)
    yield made
    await made.close()


def refused(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.json["code"]


async def entries(office: Office, query: str) -> list[dict[str, Any]]:
    await office.features.audit_log.chainer.chain()
    found: list[dict[str, Any]] = (await office.client().get(f"/v1/audit?all_accounts=true{query}")).json[
        "data"
    ]
    return found


async def decide(office: Office, account: str, decision: str, **more: Any) -> Reply:
    return await office.client().post(f"/v1/profiles/{account}/decide", {"decision": decision, **more})


async def submitted(office: Office) -> tuple[str, Client]:
    account, client, _ = await customer(office)
    assert (await client.patch(f"/v1/profiles/{account}", PROFILE)).status == 200
    assert (await client.post(f"/v1/profiles/{account}/submit")).status == 200
    return account, client


async def test_a_profile_is_filled_in_submitted_and_verified(office: Office) -> None:
    account, client, test_key = await customer(office)
    path = f"/v1/profiles/{account}"
    empty = await client.get(path)
    assert empty.status == 200, empty.body
    assert (empty.json["state"], empty.json["verified"], empty.json["version"]) == ("unverified", False, 0)
    assert empty.json["may_send"] == "all"  # the setting is off
    assert (await client.get("/v1/profiles")).json == {"data": [empty.json], "next": None}
    missing = await client.post(f"{path}/submit")
    assert (refused(missing), missing.json["param"]) == ((422, "missing_field"), "legal_name")
    changed = await client.patch(path, PROFILE)
    assert (changed.status, changed.json["version"], changed.headers["etag"]) == (200, 1, '"1"'), changed.body
    assert {name: changed.json[name] for name in PROFILE} == PROFILE
    sent = await client.post(f"{path}/submit")
    assert (sent.status, sent.json["state"]) == (200, "submitted")
    assert sent.json["submitted_at"] is not None
    assert refused(await client.post(f"{path}/submit")) == (409, "verification_state")
    locked = await client.patch(path, {"legal_name": "Other Ltd"})
    assert (refused(locked), locked.json["state"]) == ((409, "verification_state"), "submitted")
    assert (await client.patch(path, {"contact_name": "Bo"})).json["contact_name"] == "Bo"
    waiting = (await office.client().get("/v1/profiles?state=submitted")).json["data"]
    assert [row["account_id"] for row in waiting] == [account]
    assert (await decide(office, account, "review")).json["state"] == "in_review"
    verified = await decide(office, account, "verify")
    assert (verified.json["state"], verified.json["verified"]) == ("verified", True), verified.body
    assert (await test_key.get(path)).json == (await client.get(path)).json
    assert (await office.client().patch(path, {"city": "Potsdam"})).status == 200  # a correction
    withdrawn = await client.post(f"{path}/withdraw")
    assert (withdrawn.json["state"], withdrawn.json["verified"]) == ("unverified", False)


async def test_a_rejection_has_reasons_and_the_account_tries_again(office: Office) -> None:
    account, client = await submitted(office)
    path = f"/v1/profiles/{account}"
    bare = await decide(office, account, "reject")
    assert (refused(bare), bare.json["param"]) == ((422, "missing_field"), "reasons")
    why = ["The extract is older than three months."]
    assert (await decide(office, account, "reject", reasons=why)).json["state"] == "rejected"
    assert (await client.get(path)).json["reasons"] == why
    assert (await client.patch(path, {"legal_name": "New Ltd"})).status == 200
    assert (await client.post(f"{path}/submit")).json["reasons"] == []


async def test_a_decision_that_does_not_fit_is_refused(office: Office) -> None:
    account, client, _ = await customer(office)
    for decision, more, code in (
        ("review", {}, "verification_state"),
        ("reject", {"reasons": ["x"]}, "verification_state"),
        ("expire", {}, "verification_state"),
        ("verify", {"reasons": ["x"]}, "invalid_field"),
        ("verify", {"expires_at": "2001-01-01T00:00:00Z"}, "invalid_field"),
        ("reject", {"reasons": ["x"], "expires_at": "2101-01-01T00:00:00Z"}, "invalid_field"),
        ("approve", {}, "invalid_field"),
    ):
        assert (await decide(office, account, decision, **more)).json["code"] == code, (decision, more)
    assert refused(await client.post(f"/v1/profiles/{account}/decide", {"decision": "verify"})) == (
        403,
        "forbidden",
    )
    assert (await client.get(f"/v1/profiles/{account}")).json["version"] == 0


async def test_fields_are_checked(office: Office) -> None:
    account, client, _ = await customer(office)
    for name, value in (
        ("country", "de"), ("website", "javascript:alert(1)"), ("contact_email", "ada"), ("contact_phone", "0301234"),
        ("legal_name", ""), ("legal_name", "a\nb"), ("legal_name", "x" * 201), ("tax_id", 7), ("state", "verified"),
    ):  # fmt: skip
        reply = await client.patch(f"/v1/profiles/{account}", {name: value})
        assert reply.status == 422, (name, value, reply.body)


async def test_of_two_changes_at_once_both_take_effect(office: Office) -> None:
    account, client, _ = await customer(office)
    path = f"/v1/profiles/{account}"
    replies = await asyncio.gather(*(client.patch(path, {name: value}) for name, value in PROFILE.items()))
    assert {reply.status for reply in replies} <= {200, 409}
    kept = (await client.get(path)).json
    for (name, value), reply in zip(PROFILE.items(), replies, strict=True):
        assert kept[name] == (value if reply.status == 200 else None)


# ------------------------------------------------------------ documents


async def test_a_document_is_uploaded_listed_downloaded_and_deleted(office: Office, tmp_path: Path) -> None:
    account, client, test_key = await customer(office)
    made = await upload(client, PDF, "R%C3%A9gister%22.pdf", more="&kind=registration")
    assert made.status == 201, made.body
    digest = hashlib.sha256(PDF).hexdigest()
    shown = made.json
    assert (shown["name"], shown["kind"], shown["size"]) == ('Régister".pdf', "registration", len(PDF))
    assert (shown["content_type"], shown["digest"]) == ("application/pdf", digest)
    again = await upload(client, PDF, "other.pdf")
    assert (again.status, again.json) == (200, shown)
    assert (await client.get("/v1/documents")).json == {"data": [shown], "next": None}
    assert (await client.get(f"/v1/documents/{shown['id']}")).json == shown
    file = await client.get(f"/v1/documents/{shown['id']}/file")
    assert (file.status, file.body) == (200, PDF)
    assert file.headers["content-disposition"] == "attachment; filename*=UTF-8''R%C3%A9gister%22.pdf"
    assert file.headers["content-type"] == "application/pdf"
    assert file.headers["x-content-type-options"] == "nosniff"
    assert file.headers["cache-control"] == "no-store"
    assert "sandbox" in file.headers["content-security-policy"]
    path = tmp_path / "documents" / account / shown["id"]
    assert path.read_bytes() == PDF
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (path.parent, path.parent.parent)} == {0o700}
    assert (await client.get(f"/v1/profiles/{account}")).json["documents"] == 1
    for reply in (
        await test_key.get("/v1/documents"),
        await test_key.get(f"/v1/documents/{shown['id']}/file"),
        await upload(test_key, PDF),
    ):
        assert refused(reply) == (403, "wrong_mode")
    assert (await client.delete(f"/v1/documents/{shown['id']}")).status == 204
    assert not path.parent.exists()
    assert (await client.get(f"/v1/profiles/{account}")).json["documents"] == 0
    assert refused(await client.delete(f"/v1/documents/{shown['id']}")) == (404, "not_found")
    assert (await upload(client, PDF)).status == 201


async def test_a_file_is_what_it_contains(office: Office, tmp_path: Path) -> None:
    _, client, _ = await customer(office)
    assert (await upload(client, png(), "a.pdf", "image/png")).json["content_type"] == "image/png"
    assert (await upload(client, JPEG, "a.html", "image/jpeg; q=1")).json["content_type"] == "image/jpeg"
    for content, type_, param in (
        (png(b"x"), "application/pdf", "Content-Type"),
        (png(b"x"), "application/json", "Content-Type"),
        (png(b"x") + b"<script>", "image/png", "file"),
        (b"<svg/>", "image/png", "file"),
        (b"{}", "application/json", "file"),
        (b"", "application/pdf", "file"),
    ):
        reply = await upload(client, content, "a.png", type_)
        assert (refused(reply), reply.json["param"]) == ((422, "document_refused"), param), content
    for name in ("", "..%2Fx.pdf", "a%5Cb.pdf", "a%0d%0ab.pdf", "x" * 201):
        assert (await upload(client, PDF, name)).status == 422, name
    assert (await upload(client, PDF, more="&kind=photo")).status == 422
    assert len(list((tmp_path / "documents").glob("*/*"))) == 2


async def test_a_document_has_a_largest_size_and_an_account_a_largest_number(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, client, _ = await customer(office)
    assert refused(await upload(client, png(b"x" * 5000), type_="image/png")) == (413, "body_too_large")
    assert (await upload(client, png(b"x" * 3000), type_="image/png")).status == 201
    monkeypatch.setattr(service, "MOST", 3)
    replies = await asyncio.gather(*(upload(client, png(b"%d" % n), type_="image/png") for n in range(5)))
    assert sorted(reply.status for reply in replies) == [201, 201, 409, 409, 409]
    assert {reply.json["code"] for reply in replies if reply.status == 409} == {"documents_full"}
    monkeypatch.setattr(service, "MOST", 100)
    monkeypatch.setattr(service, "MOST_OCTETS", 4000)
    full = await upload(client, png(b"y" * 2000), type_="image/png")
    assert refused(full) == (409, "documents_full")
    assert len((await client.get("/v1/documents")).json["data"]) == 3


async def test_what_was_submitted_stays_as_it_is(office: Office) -> None:
    account, client, _ = await customer(office)
    await client.patch(f"/v1/profiles/{account}", PROFILE)
    document = (await upload(client, PDF)).json["id"]
    await client.post(f"/v1/profiles/{account}/submit")
    assert refused(await upload(client, png(), type_="image/png")) == (409, "verification_state")
    assert refused(await client.delete(f"/v1/documents/{document}")) == (409, "verification_state")
    assert (await upload(client, PDF)).status == 200  # a repeat
    seen = await office.client().get(f"/v1/documents?account_id={account}")
    assert [row["id"] for row in seen.json["data"]] == [document]
    assert (await office.client().get(f"/v1/documents/{document}/file")).body == PDF
    await client.post(f"/v1/profiles/{account}/withdraw")
    assert (await client.delete(f"/v1/documents/{document}")).status == 204


async def test_a_node_without_the_file_says_so(office: Office, tmp_path: Path) -> None:
    account, client, _ = await customer(office)
    document = (await upload(client, PDF)).json["id"]
    path = tmp_path / "documents" / account / document
    path.write_bytes(PDF + b"x")
    assert refused(await client.get(f"/v1/documents/{document}/file")) == (503, "document_unavailable")
    path.unlink()
    gone = await client.get(f"/v1/documents/{document}/file")
    assert (refused(gone), gone.json["retryable"]) == ((503, "document_unavailable"), True)
    assert (await client.delete(f"/v1/documents/{document}")).status == 204


async def test_a_disk_that_takes_nothing_leaves_nothing(office: Office, tmp_path: Path) -> None:
    _, client, _ = await customer(office)
    (tmp_path / "documents").write_bytes(b"")  # a file where the folder should be
    assert refused(await upload(client, PDF)) == (503, "unavailable")
    assert (await client.get("/v1/documents")).json["data"] == []
    (tmp_path / "documents").unlink()
    assert (await upload(client, PDF)).status == 201


async def test_others_do_not_exist_for_an_account(office: Office) -> None:
    account, client, _ = await customer(office)
    _, other, _ = await customer(office, "Other")
    document = (await upload(client, PDF)).json["id"]
    for reply in (
        await other.get(f"/v1/profiles/{account}"),
        await other.patch(f"/v1/profiles/{account}", PROFILE),
        await other.post(f"/v1/profiles/{account}/submit"),
        await other.post(f"/v1/profiles/{account}/withdraw"),
        await other.get(f"/v1/documents/{document}"),
        await other.get(f"/v1/documents/{document}/file"),
        await other.delete(f"/v1/documents/{document}"),
    ):
        assert refused(reply) == (404, "not_found")
    assert refused(await upload(other, PDF, more=f"&account_id={account}")) == (403, "forbidden")
    assert refused(await other.get(f"/v1/documents?account_id={account}")) == (403, "forbidden")
    assert (await upload(other, PDF)).status == 201  # its own, though the same content
    for_them = await upload(office.client(), png(), "b.png", "image/png", f"&account_id={account}")
    assert for_them.json["account_id"] == account


async def test_the_audit_log_says_who_did_what_and_can_forget_persons(office: Office) -> None:
    account, client = await submitted(office)
    await client.post(f"/v1/profiles/{account}/withdraw")
    document = (await upload(client, PDF)).json["id"]
    await client.get(f"/v1/documents/{document}/file")
    await client.delete(f"/v1/documents/{document}")
    of_document = await entries(office, f"&object_id={document}")
    assert [entry["action"] for entry in of_document] == ["removed", "exported", "made"]
    assert of_document[-1]["after"]["digest"] == hashlib.sha256(PDF).hexdigest()
    of_profile = await entries(office, f"&object_id={account}&object=profile")
    assert [entry["action"] for entry in of_profile] == ["changed", "changed", "made"]
    assert of_profile[0]["after"]["state"] == "unverified"
    assert "Example Shop GmbH" in json.dumps(of_profile)
    forgotten = await office.client().post(
        "/v1/audit/redact", {"value": "Example Shop GmbH", "account_id": account}
    )
    assert forgotten.status == 200, forgotten.body
    assert "Example Shop GmbH" not in json.dumps(await entries(office, f"&object_id={account}"))


async def test_a_signed_in_user_uploads_from_a_page(tmp_path: Path) -> None:
    office = await Office.open(data_dir=tmp_path, public_url=ORIGIN)
    owner: Browser = await Town(office).owner()
    sent = {"x-onesixty-console": "1", "origin": ORIGIN, "sec-fetch-site": "same-origin"}
    cookie = {"cookie": "; ".join(f"{name}={value}" for name, value in owner.cookies.items())}
    client = Client(office.front)
    assert (await upload(client, PDF, headers=sent | cookie)).status == 201
    assert refused(await upload(client, png(), type_="image/png", headers=cookie)) == (403, "csrf")
    text = await upload(client, png(), type_="text/plain", headers=sent | cookie)
    assert refused(text) == (403, "csrf")
    await office.close()
