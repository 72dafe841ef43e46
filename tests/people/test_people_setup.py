"""The first user: by the set-up link, once, and nobody without it."""

from __future__ import annotations

import asyncio

from onesixty.people.setup import LIFE_MS
from tests.doors.office import Office
from tests.people.browser import Browser
from tests.people.conftest import OWNER, PASSWORD, Town

FIRST = {"email": OWNER, "password": PASSWORD, "name": "Ada"}


async def test_the_link_makes_the_owner_who_is_signed_in(town_on_each_engine: Town) -> None:
    town = town_on_each_engine
    browser = await town.owner()
    me = (await browser.get("/v1/me")).json
    assert me["user"]["email"] == OWNER
    assert (me["role"], me["operator"], me["mode"]) == ("owner", True, "live")
    assert {"accounts", "users"} <= set(me["scopes"])
    assert me["session"]["method"] == "setup"
    assert [m["account_id"] for m in me["memberships"]] == [me["account_id"]]


async def test_the_sign_in_says_whether_anybody_can_use_it(town: Town) -> None:
    browser = town.browser()
    assert (await browser.get("/v1/sign-in")).json["set_up"] is False, "before there is a link"
    token = await town.people.setup.first()
    assert (await browser.get("/v1/sign-in")).json["set_up"] is False
    await browser.post("/v1/setup", {"token": token, **FIRST})
    assert (await town.browser().get("/v1/sign-in")).json["set_up"] is True


async def test_what_is_no_address_is_said_in_words(town: Town) -> None:
    token = await town.people.setup.first()
    for given, said in (("x", "This is not an e-mail address."), ("", "`email` must not be empty.")):
        reply = await town.browser().post("/v1/setup", {"token": token, **FIRST, "email": given})
        assert (reply.status, reply.json["param"], reply.json["detail"]) == (422, "email", said)


async def test_without_the_link_there_is_no_setup(town: Town) -> None:
    runs = town.people.passwords._hashing
    runs._most = 0  # whoever hashes anything is refused with 503
    for token in ("", "x" * 43):
        reply = await town.browser().post("/v1/setup", {"token": token or "y", **FIRST})
        assert (reply.status, reply.json["code"]) == (404, "setup_gone")


async def test_the_link_counts_once(town: Town) -> None:
    token = await town.people.setup.first()
    assert await town.people.setup.first() is None, "there is one already"
    browsers = [town.browser() for _ in range(4)]
    replies = await asyncio.gather(
        *(
            browser.post("/v1/setup", {"token": token, **FIRST, "email": f"user{number}@example.com"})
            for number, browser in enumerate(browsers)
        )
    )
    assert sorted(reply.status for reply in replies) == [201, 404, 404, 404]
    assert await town.people.setup.again() is None
    assert (await town.browser().post("/v1/setup", {"token": token, **FIRST})).json["code"] == "setup_gone"


async def test_two_links_on_two_nodes_make_one_owner(town_on_each_engine: Town) -> None:
    town = town_on_each_engine
    tokens = [await town.people.setup.first(), await town.people.setup.again()]
    replies = await asyncio.gather(
        *(town.browser().post("/v1/setup", {"token": token, **FIRST}) for token in tokens)
    )
    assert sorted(reply.status for reply in replies) == [201, 404]


async def test_a_link_ends_after_a_day_and_a_later_start_makes_another(town: Town) -> None:
    token = await town.people.setup.first()
    town.clock.turn(LIFE_MS / 1000)
    reply = await town.browser().post("/v1/setup", {"token": token, **FIRST})
    assert (reply.status, reply.json["code"]) == (404, "setup_gone")
    assert "setup-link" in reply.json["detail"]
    assert await town.people.setup.first() is not None


async def test_a_refused_password_uses_nothing_up(town: Town) -> None:
    token = await town.people.setup.first()
    browser = town.browser()
    for password in ("short", "password1234", "123456789012", OWNER):
        reply = await browser.post("/v1/setup", {"token": token, **FIRST, "password": password})
        assert (reply.status, reply.json["code"], reply.json["param"]) == (
            422,
            "password_refused",
            "password",
        )
    reply = await browser.post("/v1/setup", {"token": token, **FIRST, "email": "no address"})
    assert (reply.status, reply.json["param"]) == (422, "email")
    assert (await browser.post("/v1/setup", {"token": token, **FIRST})).status == 201


async def test_no_session_begins_over_an_open_line() -> None:
    office = await Office.open(public_url="http://sms.example")
    try:
        plain = Town(office)
        token = await plain.people.setup.first()
        browser = Browser(office.front, origin="http://sms.example")
        reply = await browser.post("/v1/setup", {"token": token, **FIRST})
        assert (reply.status, reply.json["code"]) == (403, "insecure_transport")
        assert "ONESIXTY_PUBLIC_URL" in reply.json["detail"]
    finally:
        await office.close()
