"""Sessions: on the wire, on several nodes, and until their end; and what a request by cookie has to show."""

from __future__ import annotations

import re
from typing import Any

import pytest

from onesixty.http.step_up import needs_fresh
from onesixty.people.sessions import ABSOLUTE_MS, FRESH_MS, IDLE_MS
from tests.doors.office import Office
from tests.http.asgi import Reply
from tests.people.browser import Browser
from tests.people.conftest import OWNER, PASSWORD, Town


def is_refused(reply: Reply, status: int, code: str) -> bool:
    return (reply.status, reply.json["code"]) == (status, code)


async def test_the_cookie_is_for_this_host_over_tls_alone(town: Town) -> None:
    await town.owner()
    _, reply = await town.sign_in()
    session, device = reply.cookies
    assert session.startswith("__Host-onesixty=")
    assert device.startswith("__Host-onesixty-device=")
    for cookie in reply.cookies:
        assert {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
    assert "Max-Age" not in session
    assert reply.headers["cache-control"] == "no-store"


async def test_on_loopback_the_cookie_has_no_prefix() -> None:
    office = await Office.open(public_url="http://localhost:8160")
    try:
        town = Town(office)
        token = await town.people.setup.first()
        browser = Browser(office.front, origin="http://127.0.0.1:8160")  # one host with localhost
        reply = await browser.post("/v1/setup", {"token": token, "email": OWNER, "password": PASSWORD})
        assert reply.status == 201, reply
        assert set(browser.cookies) == {"onesixty", "onesixty-device"}
        assert all("Secure" not in cookie for cookie in reply.cookies)
        assert (await browser.post("/v1/me/step-up", {"password": PASSWORD})).status == 200
        assert (await browser.get("/v1/me")).json["insecure"] is False
    finally:
        await office.close()


async def test_a_setting_allows_plain_http_and_the_answer_says_so() -> None:
    office = await Office.open(public_url="http://sms.example", insecure_cookies=True)
    try:
        town = Town(office)
        token = await town.people.setup.first()
        browser = Browser(office.front, origin="http://sms.example")
        assert (await browser.get("/v1/sign-in")).json["insecure"] is True
        reply = await browser.post("/v1/setup", {"token": token, "email": OWNER, "password": PASSWORD})
        assert reply.json["insecure"] is True
    finally:
        await office.close()


async def test_every_sign_in_has_a_token_of_its_own_and_only_hashes_are_stored(town: Town) -> None:
    browser = await town.owner()
    first = browser.cookies["__Host-onesixty"]
    again, _ = await town.sign_in(browser=browser)
    assert again.cookies["__Host-onesixty"] != first
    rows = await town.office.store.fetch("sessions_all")
    assert all(first not in str(row) and again.cookies["__Host-onesixty"] not in str(row) for row in rows)
    sessions = (await browser.get("/v1/sessions")).json["data"]
    assert len(sessions) == 2
    assert [session["current"] for session in sessions] == [True, False]
    assert {session["agent"] for session in sessions} == {"Test/1.0"}


@pytest.mark.parametrize(
    ("headers", "what"),
    [
        ({"origin": None}, "Origin"),
        ({"origin": "https://evil.example"}, "another site"),
        ({"origin": "null"}, "another site"),
        ({"origin": "https://sms.example.evil.example"}, "another site"),
        ({"origin": "https://sms.example:8443"}, "another site"),
        ({"x_onesixty_console": None}, "X-Onesixty-Console"),
        ({"x_onesixty_console": "0"}, "X-Onesixty-Console"),
        ({"content_type": "text/plain"}, "Content-Type"),
        ({"content_type": "application/x-www-form-urlencoded"}, "Content-Type"),
        ({"content_type": None}, "Content-Type"),
        ({"sec_fetch_site": "cross-site"}, "another site"),
        ({"sec_fetch_site": "same-site"}, "another site"),
    ],
)
async def test_a_change_from_elsewhere_is_refused(
    town: Town, headers: dict[str, str | None], what: str
) -> None:
    browser = await town.owner()
    body = {"name": "k", "mode": "test"}
    for path in ("/v1/keys", "/v1/sms/send"):  # an ordinary route, and a hot one
        reply = await browser.post(path, body, **headers)
        assert is_refused(reply, 403, "csrf"), reply
        assert what in reply.json["detail"]
    assert (await browser.get("/v1/keys", **headers)).status == 200, "reading changes nothing"


async def test_browsers_without_fetch_metadata_pass(town: Town) -> None:
    browser = await town.owner()
    assert (await browser.post("/v1/keys", {"name": "k", "mode": "test"}, sec_fetch_site=None)).status == 201


async def test_a_key_wins_over_a_cookie_and_needs_no_origin(town: Town) -> None:
    browser = await town.owner()
    key = {"authorization": f"Bearer {town.office.test}"}
    reply = await browser.get("/v1/me", **key)
    assert reply.json["user"] is None
    assert reply.json["mode"] == "test"
    sent = await browser.post(
        "/v1/keys", {"name": "k", "mode": "test"}, origin=None, x_onesixty_console=None, **key
    )
    assert sent.status == 201
    wrong = await browser.get("/v1/me", authorization="Bearer nobody-has-this-key")
    assert is_refused(wrong, 401, "unauthorized"), "a good cookie does not make up for a wrong key"


async def test_a_session_sends_like_a_key(town: Town) -> None:
    await town.office.route()
    browser = await town.owner()
    body = {"from": "Shop", "to": "+15551234567", "text": "Hello"}
    live = await browser.post("/v1/sms/send", body)
    test = await browser.post("/v1/sms/send", body, onesixty_mode="test")
    assert (live.status, test.status) == (202, 202)
    found = await browser.get("/v1/messages")
    assert [m["id"] for m in found.json["data"]] == [live.json["id"]]
    found = await browser.get("/v1/messages", onesixty_mode="test")
    assert [m["id"] for m in found.json["data"]] == [test.json["id"]]
    assert is_refused(await browser.get("/v1/messages", onesixty_mode="both"), 422, "invalid_parameter")
    assert is_refused(await browser.get("/v1/carriers", onesixty_mode="test"), 403, "wrong_mode")


async def test_a_session_ends_when_it_is_idle_or_old(town: Town) -> None:
    browser = await town.owner()
    for _ in range(ABSOLUTE_MS // (IDLE_MS - 60_000)):
        town.clock.turn((IDLE_MS - 60_000) / 1000)
        assert (await browser.get("/v1/me")).status == 200
    town.clock.turn((IDLE_MS - 60_000) / 1000)
    assert is_refused(await browser.get("/v1/me"), 401, "session_ended"), "30 days have passed"
    browser, _ = await town.sign_in()
    town.clock.turn(IDLE_MS / 1000)
    assert is_refused(await browser.get("/v1/me"), 401, "session_ended")
    browser.cookies["__Host-onesixty"] = "x" * 43
    assert is_refused(await browser.get("/v1/me"), 401, "session_ended"), "a forged one"


async def test_signing_out_ends_it_here_at_once_and_elsewhere_within_seconds(town: Town) -> None:
    browser = await town.owner()
    stolen = browser.on(town.office.front)
    other_node = town.office
    first = other_node.features
    await other_node.again()
    other = browser.on(other_node.another_front())
    assert (await other.get("/v1/me")).status == 200
    assert other_node.features is not first
    gone = await browser.delete("/v1/sessions/current")
    assert gone.status == 204
    assert "__Host-onesixty" not in browser.cookies
    assert is_refused(await stolen.get("/v1/me"), 401, "session_ended")
    town.clock.turn(5)
    assert is_refused(await other.get("/v1/me"), 401, "session_ended")


async def test_all_sessions_end_everywhere(town: Town) -> None:
    browser = await town.owner()
    others = [(await town.sign_in())[0] for _ in range(3)]
    one = (await browser.get("/v1/sessions")).json["data"][1]["id"]
    assert (await browser.delete(f"/v1/sessions/{one}")).status == 204
    assert [(await other.get("/v1/me")).status for other in others].count(401) == 1
    assert (await browser.delete("/v1/sessions")).status == 204
    assert {(await other.get("/v1/me")).status for other in [browser, *others]} == {401}


@pytest.mark.parametrize(
    ("method", "path", "body", "param"),
    [
        ("POST", "/v1/keys", {"name": "x", "mode": "live", "scopes": ["moon"]}, "scopes[0]"),
        ("POST", "/v1/keys", {"name": "x", "color": "red"}, "color"),
        ("POST", "/v1/invitations", {"email": "nobody", "role": "viewer"}, "email"),
        ("POST", "/v1/carriers", {"name": "acme", "type": "moon"}, "type"),
        ("PATCH", "/v1/me", {"name": 17}, "name"),
        ("POST", "/v1/me/password", {"password": "x"}, "new_password"),
        ("POST", "/v1/me/totp/confirm", {}, "token"),
        ("POST", "/v1/me/passkeys", {"name": "x"}, "credential"),
        ("POST", "/v1/me/email", {"email": "nobody"}, "email"),
        ("POST", "/v1/keys/key_x/rotate", {"overlap_seconds": -1}, "overlap_seconds"),
        ("POST", "/v1/smpp-credentials/smpp_x/password", {"color": "red"}, "color"),
        ("POST", "/v1/users/usr_x/reset", {"second_factors": 17}, "second_factors"),
        ("POST", "/v1/carriers/check", {"type": 17}, "type"),
        ("POST", "/v1/audit/redact", {"color": "red"}, "color"),
    ],
)
async def test_a_body_that_is_refused_asks_for_no_proof(
    town: Town, method: str, path: str, body: dict[str, Any], param: str
) -> None:
    browser = await town.owner()
    town.clock.turn(FRESH_MS / 1000)
    reply = await browser.request(method, path, body, {})
    assert (reply.status, reply.json["param"]) == (422, param), reply
    bad = await browser.request(method, path, "x", {})
    assert bad.status in (400, 422)


async def test_a_change_that_is_refused_asks_for_no_proof_and_one_that_is_not_does_nothing_before(
    town: Town,
) -> None:
    browser = await town.owner()
    made = await browser.post("/v1/keys", {"name": "first", "mode": "live"})
    assert made.status == 201
    path = f"/v1/keys/{made.json['id']}"
    town.clock.turn(FRESH_MS / 1000)
    for body, status in (({"name": 17}, 422), ({"expires_at": "2020-01-01T00:00:00Z"}, 422), ([], 422)):
        assert (await browser.patch(path, body)).status == status
    assert (await browser.patch("/v1/keys/key_01h455vb4pex5vsknk084sn02q", {"name": "x"})).status == 404
    assert is_refused(await browser.patch(path, {"name": "second"}), 403, "reauthenticate")
    assert is_refused(
        await browser.post("/v1/keys", {"name": "second", "mode": "live"}), 403, "reauthenticate"
    )
    assert [key["name"] for key in (await browser.get("/v1/keys")).json["data"]].count("second") == 0
    assert (await browser.post("/v1/me/step-up", {"password": PASSWORD})).status == 200
    assert (await browser.patch(path, {"name": "second"})).json["name"] == "second"


async def test_every_body_that_is_refused_asks_for_no_proof(town: Town) -> None:
    browser = await town.owner()
    town.clock.turn(FRESH_MS / 1000)
    document = (await browser.get("/openapi.json")).json
    judged, proof_first = 0, []
    for template, operations in document["paths"].items():
        path = re.sub(r"{\w+}", "nobody", template)
        for method, operation in operations.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body is None or not needs_fresh(method.upper(), path):
                continue
            judged += 1
            for wrong in ({"color": "red"}, 17):
                reply = await browser.request(method.upper(), path, wrong, {})
                if reply.status not in (400, 404, 422):
                    proof_first.append((method, template, wrong, reply.json["code"]))
    assert judged >= 25
    assert proof_first == []


async def test_what_a_pause_asks_for_is_judged_before_the_proof(town: Town) -> None:
    browser = await town.owner()
    assert (await browser.post("/v1/carriers", {"name": "acme", "type": "simulator"})).status == 201
    town.clock.turn(FRESH_MS / 1000)
    for mode in ("pause", "drain"):
        path = f"/v1/carriers/acme/{mode}"
        past = await browser.post(path, {"ends_at": "2020-01-01T00:00:00Z"})
        assert (past.status, past.json["param"]) == (422, "ends_at")
        assert (await browser.post(f"/v1/carriers/nobody/{mode}", {})).status == 404
        for body in (None, {}, {"reason": "works"}):
            assert is_refused(await browser.post(path, body), 403, "reauthenticate")
    assert (await browser.get("/v1/pauses")).json["data"] == []


async def test_who_has_no_right_is_told_so_whatever_the_body(town: Town) -> None:
    browser = await town.owner()
    reader = await town.invited(browser, "reader@example.com", "viewer")
    town.clock.turn(FRESH_MS / 1000)
    for body in ({"name": "x"}, {"color": "red"}):
        assert is_refused(await reader.post("/v1/keys", body), 403, "forbidden")


async def test_what_matters_needs_a_fresh_proof_and_gives_a_new_token(town: Town) -> None:
    browser = await town.owner()
    town.clock.turn(FRESH_MS / 1000)
    carrier = {"name": "acme", "type": "simulator"}
    invitation = {"email": "a@b.example", "role": "viewer"}
    for method, path, body in (
        ("POST", "/v1/keys", {"name": "x", "mode": "live"}),
        ("DELETE", "/v1/webhooks/whk_x", None),
        ("POST", "/v1/invitations", invitation),
        ("GET", "/v1/messages/export?format=csv", None),
        ("POST", "/v1/carriers", carrier),
        ("GET", "/v1/webhooks/callback-secret", None),
        ("POST", "/v1/webhooks/callback-secret/rotate", {}),
    ):
        reply = await browser.request(method, path, body, {})
        assert is_refused(reply, 403, "reauthenticate"), (path, reply)
    assert (await browser.get("/v1/messages")).status == 200
    assert (await browser.get("/v1/me")).json["session"]["step_up_until"] is None
    reply = await browser.post("/v1/me/step-up", {"password": "wrong horse battery"})
    assert is_refused(reply, 401, "sign_in_refused")
    before = browser.on(town.office.front)
    reply = await browser.post("/v1/me/step-up", {"password": PASSWORD})
    assert reply.json["session"]["step_up_until"] is not None
    assert (await browser.post("/v1/keys", {"name": "k", "mode": "live"})).status == 201
    assert is_refused(await before.get("/v1/me"), 401, "session_ended"), "the token before"
    assert (await town.keys.post("/v1/keys", {"name": "k", "mode": "live"})).status == 201, (
        "keys are not asked"
    )


async def test_an_account_of_others_does_not_exist(town: Town) -> None:
    owner = await town.owner()
    made = await town.keys.post("/v1/accounts", {"name": "Customer", "price_per_segment": "0.01"})
    inside = (await owner.get("/v1/me", onesixty_account=made.json["id"])).json
    assert inside["account_id"] == made.json["id"], "from above, the owner of the operator's account goes in"
    assert "carriers" not in inside["scopes"]
    customer = made.json["id"]
    invited = await owner.post(
        "/v1/invitations", {"email": "boss@example.com", "role": "owner"}, onesixty_account=customer
    )
    assert invited.status == 201, invited
    boss = town.browser()
    token = invited.json["link"].partition("#")[2]
    assert (await boss.post("/v1/invitations/accept", {"token": token, "password": PASSWORD})).status == 201
    assert (await boss.get("/v1/me")).json["account_id"] == customer
    operator = (await owner.get("/v1/me")).json["account_id"]
    for account in (operator, "acc_00000000000000000000000000", "rubbish"):
        reply = await boss.get("/v1/me", onesixty_account=account)
        assert is_refused(reply, 404, "not_found"), account


async def test_a_password_change_ends_the_other_sessions(town: Town) -> None:
    browser = await town.owner()
    other, _ = await town.sign_in()
    wrong = await browser.post("/v1/me/password", {"password": "x", "new_password": "another good phrase"})
    assert is_refused(wrong, 401, "sign_in_refused")
    weak = await browser.post("/v1/me/password", {"password": PASSWORD, "new_password": "short"})
    assert is_refused(weak, 422, "password_refused")
    assert weak.json["param"] == "new_password"
    done = await browser.post(
        "/v1/me/password", {"password": PASSWORD, "new_password": "another good phrase"}
    )
    assert done.status == 200
    assert (await browser.get("/v1/me")).status == 200
    assert (await other.get("/v1/me")).status == 401
    _, reply = await town.sign_in()
    assert is_refused(reply, 401, "sign_in_refused")
    _, reply = await town.sign_in(password="another good phrase")
    assert reply.status == 201


async def test_a_key_is_not_a_person(town: Town) -> None:
    for method, path in (("GET", "/v1/sessions"), ("POST", "/v1/me/totp"), ("PATCH", "/v1/me")):
        assert is_refused(await town.keys.request(method, path), 403, "session_needed")
    me = (await town.keys.get("/v1/me")).json
    assert me["user"] is None
    assert me["key_id"].startswith("key_")
    assert is_refused(await town.browser().get("/v1/me"), 401, "unauthorized")


async def test_a_user_changes_their_name(town: Town) -> None:
    browser = await town.owner()
    assert (await browser.patch("/v1/me", {"name": "Ada L."})).json["user"]["name"] == "Ada L."
    assert (await browser.get("/v1/me")).json["user"]["name"] == "Ada L."
