"""Second factors: one-time codes by an implementation that is not ours, and recovery codes."""

from __future__ import annotations

import asyncio
import base64
import json
import xml.etree.ElementTree as ET
from typing import Any

import mintotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.core.errors import Problem
from onesixty.people import tables
from onesixty.people.committing import commit
from onesixty.people.factors import passkeys, recovery, totp
from onesixty.people.sessions import FRESH_MS
from onesixty.people.tables import PASSKEY
from onesixty.store.rows import Lost
from onesixty.store.units import Unit
from tests.people.browser import Browser
from tests.people.conftest import OWNER, PASSWORD, Town


def code_of(secret: str, town: Town, steps: int = 0) -> str:
    """The code of an independent implementation, some steps from now."""
    seconds = town.clock.now_ms() // 1000 + steps * totp.STEP_SECONDS
    made: str = mintotp.hotp(secret, seconds // totp.STEP_SECONDS)
    return made


async def with_totp(town: Town) -> tuple[Browser, str, list[str]]:
    """The owner with TOTP: the browser, the secret and the recovery codes."""
    browser = await town.owner()
    begun = (await browser.post("/v1/me/totp")).json
    done = await browser.post(
        "/v1/me/totp/confirm", {"token": begun["token"], "code": code_of(begun["secret"], town)}
    )
    assert done.status == 200, done
    town.clock.turn(totp.STEP_SECONDS)
    return browser, begun["secret"], done.json["recovery_codes"]


@given(st.binary(min_size=20, max_size=20), st.integers(min_value=0, max_value=2**33))
def test_codes_are_those_of_another_implementation(key: bytes, seconds: int) -> None:
    secret = totp.new_secret(lambda size: key[:size])
    step = seconds // totp.STEP_SECONDS
    for near in (-1, 0, 1):
        if step + near >= 0:
            code = mintotp.hotp(secret, step + near)
            found = totp.step_of(secret, code, seconds * 1000)
            assert found is not None
            assert mintotp.hotp(secret, found) == code


def test_the_vectors_of_rfc_6238() -> None:
    secret = totp.new_secret(lambda size: b"12345678901234567890")
    for seconds, code in (
        (59, "287082"),
        (1111111109, "081804"),
        (1234567890, "005924"),
        (20000000000, "353130"),
    ):
        assert totp.step_of(secret, code, seconds * 1000) == seconds // 30


async def test_a_secret_counts_once_it_is_confirmed(town: Town) -> None:
    browser = await town.owner()
    begun = (await browser.post("/v1/me/totp")).json
    assert begun["uri"].startswith("otpauth://totp/")
    assert f"secret={begun['secret']}" in begun["uri"]
    assert ET.fromstring(begun["svg"]).tag.endswith("svg")
    assert (await town.sign_in())[1].status == 201, "not confirmed yet"
    wrong = await browser.post("/v1/me/totp/confirm", {"token": begun["token"], "code": "000000"})
    assert (wrong.status, wrong.json["code"]) == (422, "code_refused")
    body = {"token": begun["token"], "code": code_of(begun["secret"], town)}
    done = await browser.post("/v1/me/totp/confirm", body)
    assert len(done.json["recovery_codes"]) == recovery.COUNT
    assert (await browser.post("/v1/me/totp/confirm", body)).json["code"] == "link_used"
    factors = (await browser.get("/v1/me")).json["user"]["factors"]
    assert factors == {"password": True, "totp": True, "passkeys": 0, "recovery_codes": 10}
    rows = str(await town.office.store.fetch("credentials_all")) + str(
        await town.office.store.fetch("links_all")
    )
    assert begun["secret"] not in rows
    assert all(code.replace("-", "") not in rows for code in done.json["recovery_codes"])


async def test_a_second_one_that_is_added_at_the_same_time_is_refused_by_its_name(
    town_on_each_engine: Town,
) -> None:
    """Each was looked for before it was written, and was not there yet."""
    town = town_on_each_engine
    await town.owner()
    user = await town.people.users.by_email(OWNER)
    assert user is not None

    async def twice(kind: str, **fields: object) -> Problem:
        for _ in range(2):
            made = town.people.credentials.new(user.id, kind, "secret", **fields)
            unit = Unit(keys=(user.id,), writes=tuple(town.people.credentials.rows.inserting(made)))
            await commit(town.people.store, unit)
        raise AssertionError("it was added twice")

    with pytest.raises(Problem, match="This passkey is registered already") as refused:
        await twice(PASSKEY, handle="the-same")
    assert refused.value.param == "credential"
    # SQLite names the columns of an index alone, and these two have the same.
    for kind in (tables.TOTP, tables.PASSWORD):
        with pytest.raises(Lost):
            await twice(kind)


async def test_a_password_alone_is_then_not_enough(town: Town) -> None:
    _, secret, _ = await with_totp(town)
    _, reply = await town.sign_in()
    assert (reply.status, reply.json["code"]) == (401, "second_factor_required")
    assert reply.json["methods"] == ["totp", "recovery"]
    for code in ("000000", "", "12345", code_of(secret, town, 2), code_of(secret, town, -2), "１２３４５６"):
        _, reply = await town.sign_in(code=code)
        assert (reply.status, reply.json["code"]) == (401, "sign_in_refused"), code
    _, reply = await town.sign_in(code=code_of(secret, town))
    assert reply.status == 201
    assert reply.json["session"]["method"] == "totp"


async def test_a_code_counts_once_and_so_do_those_before_it(town_on_each_engine: Town) -> None:
    town = town_on_each_engine
    _, secret, _ = await with_totp(town)
    code = code_of(secret, town, 1)
    attempts = await asyncio.gather(*(town.sign_in(code=code) for _ in range(4)))
    assert sorted(reply.status for _, reply in attempts) == [201, 401, 401, 401]
    _, reply = await town.sign_in(code=code_of(secret, town))
    assert reply.json["code"] == "sign_in_refused", "the step before it"
    town.clock.turn(2 * totp.STEP_SECONDS)
    assert (await town.sign_in(code=code_of(secret, town)))[1].status == 201


async def test_a_recovery_code_counts_once(town_on_each_engine: Town) -> None:
    town = town_on_each_engine
    browser, _, codes = await with_totp(town)
    given_ = f"  {codes[3].upper()} "
    attempts = await asyncio.gather(*(town.sign_in(recovery_code=given_) for _ in range(3)))
    assert sorted(reply.status for _, reply in attempts) == [201, 401, 401]
    assert (await browser.get("/v1/me")).json["user"]["factors"]["recovery_codes"] == 9
    made = await browser.post("/v1/me/recovery-codes")
    assert made.status == 201
    assert len(set(made.json["recovery_codes"]) | set(codes)) == 20
    _, reply = await town.sign_in(recovery_code=codes[0])
    assert reply.json["code"] == "sign_in_refused", "those before no longer count"
    assert (await town.sign_in(recovery_code=made.json["recovery_codes"][0]))[1].status == 201


async def test_totp_is_changed_and_turned_off_only_with_a_fresh_proof(town: Town) -> None:
    browser, secret, _ = await with_totp(town)
    town.clock.turn(FRESH_MS / 1000)
    for method, path in (
        ("POST", "/v1/me/totp"),
        ("DELETE", "/v1/me/totp"),
        ("POST", "/v1/me/recovery-codes"),
    ):
        reply = await browser.request(method, path, None, {})
        assert (reply.status, reply.json["code"]) == (403, "reauthenticate"), path
    assert (await browser.post("/v1/me/step-up", {"password": PASSWORD})).status == 200
    begun = (await browser.post("/v1/me/totp")).json
    done = await browser.post(
        "/v1/me/totp/confirm", {"token": begun["token"], "code": code_of(begun["secret"], town)}
    )
    assert done.json["recovery_codes"] is None, "the codes stay"
    town.clock.turn(60)
    assert (await town.sign_in(code=code_of(secret, town)))[1].status == 401, "the app before"
    assert (await town.sign_in(code=code_of(begun["secret"], town)))[1].status == 201
    assert (await browser.delete("/v1/me/totp")).status == 204
    assert (await browser.get("/v1/me")).json["user"]["factors"]["recovery_codes"] == 0
    assert (await town.sign_in())[1].status == 201
    assert (await browser.delete("/v1/me/totp")).status == 404


async def test_an_admin_helps_who_lost_their_phone(town: Town) -> None:
    owner = await town.owner()
    dev = await town.invited(owner, "dev@example.com", "developer")
    begun = (await dev.post("/v1/me/totp")).json
    await dev.post("/v1/me/totp/confirm", {"token": begun["token"], "code": code_of(begun["secret"], town)})
    member = (await dev.get("/v1/me")).json["user"]["id"]
    assert (await owner.get(f"/v1/users/{member}")).json["second_factor"] == ["totp"]
    reply = await owner.post(f"/v1/users/{member}/reset", {"second_factors": True})
    assert reply.status == 201
    assert (await dev.get("/v1/me")).status == 401
    assert (await town.sign_in("dev@example.com"))[1].status == 201, (
        "the password stays until the link is used"
    )


@pytest.mark.parametrize("url", ["https://192.0.2.1", "http://sms.example", "http://127.0.0.1:8160"])
async def test_where_passkeys_are_not_possible_the_reason_is_said(url: str) -> None:
    from tests.doors.office import Office

    office = await Office.open(public_url=url, insecure_cookies=True)
    try:
        town = Town(office)
        browser = Browser(office.front, origin=url)
        shown = (await browser.get("/v1/sign-in")).json
        assert shown["passkeys"] is False
        assert "ONESIXTY_PUBLIC_URL" in shown["passkeys_reason"]
        reply = await browser.post("/v1/sessions/passkey-options")
        assert (reply.status, reply.json["code"]) == (409, "passkeys_unavailable")
        assert town.people.cookies.site.name
    finally:
        await office.close()


async def test_what_is_no_passkey_is_refused(town: Town) -> None:
    browser = await town.owner()
    for credential in ({}, {"id": 7}, {"id": "x", "response": {"clientDataJSON": "!"}}, {"response": []}):
        reply = await town.browser().post("/v1/sessions", {"passkey": credential})
        assert (reply.status, reply.json["code"]) == (422, "passkey_refused"), credential
        reply = await browser.post("/v1/me/passkeys", {"name": "x", "credential": credential})
        assert (reply.status, reply.json["code"]) == (422, "passkey_refused"), credential
    options = (await town.browser().post("/v1/sessions/passkey-options")).json["options"]
    assert options["rpId"] == "sms.example"
    assert options["userVerification"] == "preferred"
    assert OWNER not in str(options)


async def test_a_passkey_that_checked_nobody_is_only_a_second_factor(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Browsers make no such passkey without a PIN, so what one would say is put in its place."""
    await town.owner()
    user = await town.people.users.by_email(OWNER)
    assert user is not None
    row = town.people.credentials.new(user.id, PASSKEY, "public key", name="Key", handle="a2V5")
    await town.people.credentials.rows.add(row)
    verified = False
    monkeypatch.setattr(passkeys, "check", lambda *_: passkeys.Asserted(0, verified))

    async def assertion() -> dict[str, Any]:
        options = (await town.browser().post("/v1/sessions/passkey-options")).json["options"]
        data = base64.urlsafe_b64encode(json.dumps({"challenge": options["challenge"]}).encode()).decode()
        return {"id": "a2V5", "response": {"clientDataJSON": data}}

    alone = await town.browser().post("/v1/sessions", {"passkey": await assertion()})
    assert (alone.status, alone.json["code"]) == (422, "passkey_refused")
    assert "password" in alone.json["detail"]
    _, both = await town.sign_in(passkey=await assertion())
    assert both.status == 201, both
    verified = True
    alone = await town.browser().post("/v1/sessions", {"passkey": await assertion()})
    assert (alone.status, alone.json["session"]["method"]) == (201, "passkey")
