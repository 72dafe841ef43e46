"""What people do stands in the audit log, as theirs and without secrets; and what a key costs does not change."""

from __future__ import annotations

import json
from typing import Any

from onesixty.people import acts
from tests.doors.office import Office
from tests.people.browser import ORIGIN
from tests.people.conftest import OWNER, PASSWORD, Town
from tests.people.test_people_factors import code_of


async def entries(town: Town) -> list[dict[str, Any]]:
    """The log of the operator's account, oldest first."""
    await town.office.features.audit_log.chainer.chain()
    reply = await town.keys.get("/v1/audit?limit=200")
    assert reply.status == 200, reply
    return list(reversed(reply.json["data"]))


async def test_what_people_do_is_logged_as_theirs_without_secrets(town: Town) -> None:
    owner = await town.owner()
    me = (await owner.get("/v1/me")).json["user"]["id"]
    dev = await town.invited(owner, "dev@example.com", "developer")
    member = (await dev.get("/v1/me")).json["user"]["id"]
    await owner.patch("/v1/me", {"name": "Ada L."})
    await owner.patch(f"/v1/users/{member}", {"role": "viewer"})
    begun = (await owner.post("/v1/me/totp")).json
    confirmed = await owner.post(
        "/v1/me/totp/confirm", {"token": begun["token"], "code": code_of(begun["secret"], town)}
    )
    codes = confirmed.json["recovery_codes"]
    browser, _ = await town.sign_in(recovery_code=codes[0])
    await owner.post("/v1/me/step-up", {"password": PASSWORD})
    reset = (await owner.post(f"/v1/users/{member}/reset")).json["link"].partition("#")[2]
    await town.browser().post("/v1/password-resets/use", {"token": reset, "password": "another good phrase"})
    await owner.post("/v1/me/password", {"password": PASSWORD, "new_password": "a third good phrase"})
    await owner.delete("/v1/me/totp")
    await owner.delete(f"/v1/users/{member}")
    await owner.delete("/v1/sessions")

    found = await entries(town)
    did = {(entry["actor"], entry["action"], entry["object"]) for entry in found}
    ada, gone = f"user:{me}", f"user:{member}"
    for expected in (
        (ada, "made", "user"),
        (ada, "signed_in", "user"),
        (gone, "signed_in", "user"),
        (ada, "made", "invitation"),
        (gone, "made", "user"),
        (gone, "changed", "invitation"),
        (ada, "changed", "user"),
        (ada, "made", "credential"),
        (ada, "used", "recovery_code"),
        (ada, "stepped_up", "session"),
        (ada, "signed_out_everywhere", "user"),
        (gone, "changed", "credential"),
        (ada, "changed", "credential"),
        (ada, "removed", "credential"),
        (ada, "removed", "user"),
    ):
        assert expected in did, expected
    assert all(entry["address"] == "192.0.2.1" for entry in found if entry["actor"].startswith("user:"))
    text = json.dumps(found)
    cookies = [*owner.cookies.values(), *dev.cookies.values(), *browser.cookies.values()]
    for secret in (PASSWORD, "another good phrase", begun["secret"], begun["token"], reset, *codes, *cookies):
        assert secret not in text
    assert "argon2" not in text
    rows = json.dumps([list(row) for row in await town.office.store.fetch("sessions_all")])
    for session_hash in (row[3] for row in json.loads(rows)):
        assert session_hash not in text


async def test_a_reset_is_noted_with_who_asked_for_it(town: Town) -> None:
    owner = await town.owner()
    dev = await town.invited(owner, "dev@example.com", "developer")
    member = (await dev.get("/v1/me")).json["user"]["id"]
    await owner.post(f"/v1/users/{member}/reset", {"second_factors": True})
    note = (await entries(town))[-1]
    assert (note["action"], note["object"], note["object_id"]) == ("reset", "user", member)
    assert note["actor"].startswith("user:")


async def test_sign_ins_proofs_and_sign_outs_leave_one_entry_each(town: Town) -> None:
    owner = await town.owner()
    me = (await owner.get("/v1/me")).json["user"]["id"]
    browser, _ = await town.sign_in()
    session = (await browser.get("/v1/me")).json["session"]["id"]
    await browser.post("/v1/me/step-up", {"password": PASSWORD})
    await browser.delete("/v1/sessions/current")
    await town.sign_in()
    await owner.delete("/v1/sessions")
    found = [entry for entry in await entries(town) if entry["object_id"] in (me, session)]
    assert [(entry["action"], entry["details"]) for entry in found if entry["action"] != "made"] == [
        ("signed_in", found[1]["details"]),
        ("signed_in", {"method": "password", "session_id": session, "email": OWNER, "agent": "Test/1.0"}),
        ("stepped_up", {"method": "password"}),
        ("signed_out", None),
        ("signed_in", found[5]["details"]),
        ("signed_out_everywhere", {"sessions": 2, "email": OWNER}),
    ]
    assert found[1]["details"]["method"] == "setup"


async def test_a_refused_sign_in_is_noted_without_what_was_given(town: Town) -> None:
    owner = await town.owner()
    me = (await owner.get("/v1/me")).json["user"]["id"]
    await town.sign_in(password="a wrong phrase")
    await town.sign_in(email="nobody@example.com")
    await town.sign_in(email="my password by mistake")
    found = [entry for entry in await entries(town) if entry["action"] == "sign_in_refused"]
    why = {"method": "password", "code": "sign_in_refused"}
    assert [(entry["object_id"], entry["details"]) for entry in found] == [
        (me, why | {"email": OWNER}),
        (None, why | {"email": "nobody@example.com"}),
        (None, why),
    ]
    assert {(entry["actor"], entry["address"]) for entry in found} == {("onesixty", "192.0.2.1")}
    text = json.dumps(found)
    assert "a wrong phrase" not in text
    assert "by mistake" not in text
    redacted = await town.keys.post("/v1/audit/redact", {"value": "nobody@example.com"})
    assert redacted.status < 300, redacted
    assert "nobody@" not in json.dumps(await entries(town))


async def test_strangers_do_not_fill_the_log(town: Town) -> None:
    bound = acts.Strangers(town.clock)
    assert [bound.take() for _ in range(acts.STRANGERS + 5)] == [True] * acts.STRANGERS + [False] * 5
    town.clock.turn(acts.STRANGERS_SECONDS)
    assert bound.take()


async def test_a_code_that_was_used_is_noted_once_and_with_what_is_left(town: Town) -> None:
    owner = await town.owner()
    begun = (await owner.post("/v1/me/totp")).json
    confirmed = await owner.post(
        "/v1/me/totp/confirm", {"token": begun["token"], "code": code_of(begun["secret"], town)}
    )
    code = confirmed.json["recovery_codes"][0]
    for status in (201, 401):
        _, reply = await town.sign_in(recovery_code=code)
        assert reply.status == status
    found = [entry for entry in await entries(town) if entry["object"] == "recovery_code"]
    assert [(entry["action"], entry["details"]) for entry in found] == [("used", {"left": 9, "email": OWNER})]


async def test_behind_a_trusted_proxy_each_stranger_has_an_address() -> None:
    office = await Office.open(public_url=ORIGIN, http_proxies="10.0.0.0/8")
    try:
        town = Town(office)
        await town.owner()
        wrong = {"email": "nobody@example.com", "password": PASSWORD}
        proxy, other = town.browser("10.0.0.1"), town.browser("192.0.2.9")
        for _ in range(2):
            await proxy.post("/v1/sessions", wrong, x_forwarded_for="203.0.113.5, 198.51.100.7")
        await other.post("/v1/sessions", wrong, x_forwarded_for="198.51.100.8")
        found = [one["address"] for one in await entries(town) if one["action"] == "sign_in_refused"]
        assert found == ["198.51.100.7", "198.51.100.7", "192.0.2.9"]
        allowances = {name for name in town.people.slow_down._left if name.startswith("address ")}
        assert {"address 198.51.100.7", "address 192.0.2.9"} <= allowances
        assert not {"address 10.0.0.1", "address 203.0.113.5", "address 198.51.100.8"} & allowances
    finally:
        await office.close()
