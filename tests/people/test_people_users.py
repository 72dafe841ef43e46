"""Users of an account: invited, given roles, removed; nobody gives what they lack, and an owner stays."""

from __future__ import annotations

import asyncio

import pytest

from onesixty.http.scopes import OWNER as OWNER_ROLE
from onesixty.http.scopes import ROLES
from onesixty.people.invitations import LIFE_MS
from tests.doors.office import Office
from tests.http.asgi import Reply
from tests.people.browser import ORIGIN, Browser
from tests.people.conftest import OWNER, PASSWORD, Town

DEV = "dev@example.com"


def is_refused(reply: Reply, status: int, code: str) -> bool:
    return (reply.status, reply.json["code"]) == (status, code)


async def user_id(browser: Browser) -> str:
    return str((await browser.get("/v1/me")).json["user"]["id"])


def token_of(reply: Reply) -> str:
    return str(reply.json["link"].partition("#")[2])


async def test_a_second_user_is_invited_and_comes_in(town_on_each_engine: Town) -> None:
    town = town_on_each_engine
    owner = await town.owner()
    made = await owner.post("/v1/invitations", {"email": DEV, "role": "developer"})
    assert made.status == 201, made
    assert made.json["link"].startswith(f"{ORIGIN}/console/invitation#")
    assert (made.json["state"], made.json["mailed"]) == ("open", False)
    token = token_of(made)
    shown = await town.browser().post("/v1/invitations/show", {"token": token})
    assert (shown.json["email"], shown.json["role"], shown.json["user_exists"]) == (DEV, "developer", False)
    browser = town.browser()
    reply = await browser.post(
        "/v1/invitations/accept", {"token": token, "name": "Dev", "password": PASSWORD}
    )
    assert reply.status == 201, reply
    assert (reply.json["role"], reply.json["user"]["name"]) == ("developer", "Dev")
    listed = (await owner.get("/v1/users")).json["data"]
    assert [(user["email"], user["role"]) for user in listed] == [(DEV, "developer"), (OWNER, "owner")]
    assert listed[0]["last_sign_in_at"] is not None
    again = await town.browser().post("/v1/invitations/accept", {"token": token, "password": PASSWORD})
    assert is_refused(again, 409, "invitation_used")
    (kept,) = (await owner.get("/v1/invitations")).json["data"]
    assert (kept["state"], kept["user_id"]) == ("accepted", listed[0]["id"])
    assert "link" not in kept


async def test_an_invitation_counts_once_at_the_same_time(town_on_each_engine: Town) -> None:
    town = town_on_each_engine
    owner = await town.owner()
    token = token_of(await owner.post("/v1/invitations", {"email": DEV, "role": "viewer"}))
    body = {"token": token, "password": PASSWORD}
    replies = await asyncio.gather(*(town.browser().post("/v1/invitations/accept", body) for _ in range(4)))
    assert sorted(reply.status for reply in replies)[0] == 201
    assert [reply.status for reply in replies].count(201) == 1
    assert len((await owner.get("/v1/users")).json["data"]) == 2


async def test_an_invitation_ends_is_renewed_and_revoked(town: Town) -> None:
    owner = await town.owner()
    made = await owner.post("/v1/invitations", {"email": DEV, "role": "viewer"})
    twice = await owner.post("/v1/invitations", {"email": DEV.upper(), "role": "viewer"})
    assert is_refused(twice, 409, "conflict")
    renewed = await owner.post(f"/v1/invitations/{made.json['id']}/renew")
    assert renewed.status == 200, renewed
    old, new = token_of(made), token_of(renewed)
    body = {"password": PASSWORD}
    gone = await town.browser().post("/v1/invitations/accept", {"token": old, **body})
    assert is_refused(gone, 404, "invitation_gone")
    town.clock.turn(LIFE_MS / 1000)
    ended = await town.browser().post("/v1/invitations/accept", {"token": new, **body})
    assert is_refused(ended, 404, "invitation_gone")
    owner, _ = await town.sign_in()
    again = await owner.post("/v1/invitations", {"email": DEV, "role": "viewer"})
    assert again.status == 201, "an ended one does not count as open"
    assert (await owner.delete(f"/v1/invitations/{again.json['id']}")).status == 204
    revoked = await town.browser().post("/v1/invitations/accept", {"token": token_of(again), **body})
    assert is_refused(revoked, 404, "invitation_gone")


async def test_who_lacks_a_right_is_told_whom_to_ask(town_on_each_engine: Town) -> None:
    town = town_on_each_engine
    owner = await town.owner()
    name = (await owner.get("/v1/me")).json["user"]["name"]
    dev = await town.invited(owner, DEV, "developer")
    admins = [await town.invited(owner, f"admin{place}@example.com", "admin") for place in range(4)]
    told = (await dev.get("/v1/me/managers")).json
    assert told == {
        "data": [
            {"name": name, "role": "owner"},
            {"name": "admin0@example.com", "role": "admin"},
            {"name": "admin1@example.com", "role": "admin"},
        ]
    }
    # Nobody is told to ask themselves.
    assert name not in [one["name"] for one in (await owner.get("/v1/me/managers")).json["data"]]
    # Who has no name cannot be asked by it.
    assert (await admins[0].patch("/v1/me", {"name": ""})).status == 200
    named = [one["name"] for one in (await dev.get("/v1/me/managers")).json["data"]]
    assert named == [name, "admin1@example.com", "admin2@example.com"]
    # In an account below it is the role in one's own that counts.
    made = await town.keys.post("/v1/accounts", {"name": "Customer", "price_per_segment": "0.01"})
    support = await town.invited(owner, "support@example.com", "support")
    inside = await support.get("/v1/me/managers", onesixty_account=made.json["id"])
    assert [one["name"] for one in inside.json["data"]] == named
    assert is_refused(await town.keys.get("/v1/me/managers"), 403, "session_needed")


async def test_a_user_belongs_to_several_accounts(town: Town) -> None:
    owner = await town.owner()
    dev = await town.invited(owner, DEV, "developer")
    home = (await dev.get("/v1/me")).json["account_id"]
    customer = (await town.keys.post("/v1/accounts", {"name": "Customer", "price_per_segment": "0.01"})).json[
        "id"
    ]
    row, token = await town.people.invitations.new(customer, DEV, "admin", "test", mailed=False)
    await town.people.invitations.rows.add(row)
    body = {"token": token, "name": "x", "password": "another good phrase"}
    stranger = await town.browser().post("/v1/invitations/accept", body)
    assert is_refused(stranger, 401, "sign_in_first"), "an invitation opens nothing of a user who exists"
    wrong = await owner.post("/v1/invitations/accept", {"token": token})
    assert is_refused(wrong, 401, "sign_in_first"), "signed in as somebody else"
    forged = await dev.post("/v1/invitations/accept", {"token": token}, origin="https://evil.example")
    assert is_refused(forged, 403, "csrf")
    joined = await dev.post("/v1/invitations/accept", {"token": token})
    assert joined.status == 201, joined
    roles = {m["account_id"]: m["role"] for m in joined.json["memberships"]}
    assert roles == {home: "developer", customer: "admin"}
    there = (await dev.get("/v1/me", onesixty_account=customer)).json
    assert (there["account_id"], there["role"], there["operator"]) == (customer, "admin", False)
    assert "accounts" not in there["scopes"], "outside the operator's account no role has operators' scopes"
    made = await dev.post("/v1/keys", {"name": "k", "mode": "live"}, onesixty_account=customer)
    assert made.json["account_id"] == customer
    assert [u["email"] for u in (await dev.get("/v1/users", onesixty_account=customer)).json["data"]] == [DEV]
    outside = await dev.get(f"/v1/users/{await user_id(owner)}", onesixty_account=customer)
    assert is_refused(outside, 404, "not_found")


async def test_the_last_owner_stays(town_on_each_engine: Town) -> None:
    town = town_on_each_engine
    owner = await town.owner()
    me = await user_id(owner)
    assert is_refused(await owner.patch(f"/v1/users/{me}", {"role": "admin"}), 409, "last_owner")
    assert is_refused(await owner.delete(f"/v1/users/{me}"), 409, "last_owner")
    second = await town.invited(owner, "second@example.com", "owner")
    other = await user_id(second)
    replies = await asyncio.gather(
        owner.patch(f"/v1/users/{other}", {"role": "viewer"}),
        second.patch(f"/v1/users/{me}", {"role": "viewer"}),
    )
    assert sorted(reply.status for reply in replies) == [200, 409], "two owners who unmake each other"
    roles = [u["role"] for u in (await town.keys.get("/v1/users")).json["data"]]
    assert sorted(roles) == ["owner", "viewer"]


async def test_a_role_counts_at_once_and_elsewhere_within_seconds(town: Town) -> None:
    owner = await town.owner()
    dev = await town.invited(owner, DEV, "developer")
    await town.office.again()
    elsewhere = dev.on(town.office.another_front())
    assert (await elsewhere.get("/v1/keys")).status == 200
    changed = await owner.patch(f"/v1/users/{await user_id(dev)}", {"role": "viewer"})
    assert (changed.json["role"], changed.json["version"]) == ("viewer", 2)
    assert is_refused(await dev.get("/v1/keys"), 403, "forbidden")
    town.clock.turn(5)
    assert is_refused(await elsewhere.get("/v1/keys"), 403, "forbidden")


async def test_who_is_removed_is_out_and_may_come_again(town: Town) -> None:
    owner = await town.owner()
    dev = await town.invited(owner, DEV, "developer")
    assert (await owner.delete(f"/v1/users/{await user_id(dev)}")).status == 204
    assert is_refused(await dev.get("/v1/me"), 401, "session_ended")
    _, reply = await town.sign_in(DEV)
    assert is_refused(reply, 401, "sign_in_refused")
    assert await town.office.store.fetch("credentials_all") != []
    assert len(await town.office.store.fetch("users_all")) == 1
    back = await town.invited(owner, DEV, "viewer")
    assert (await back.get("/v1/me")).json["role"] == "viewer"
    assert (await back.delete(f"/v1/users/{await user_id(back)}")).status in (204, 403), (
        "a viewer may not manage"
    )


async def test_nobody_gives_a_role_that_they_could_not_have(town: Town) -> None:
    owner = await town.owner()
    admin = await town.invited(owner, "admin@example.com", "admin")
    dev = await town.invited(owner, DEV, "developer")
    for role in ROLES:
        made = await admin.post("/v1/invitations", {"email": f"{role}@example.org", "role": role})
        assert made.status == (403 if role == OWNER_ROLE else 201), (role, made)
    assert is_refused(
        await admin.patch(f"/v1/users/{await user_id(owner)}", {"role": "viewer"}), 403, "forbidden"
    )
    assert is_refused(await admin.delete(f"/v1/users/{await user_id(owner)}"), 403, "forbidden")
    raised = await admin.patch(f"/v1/users/{await user_id(admin)}", {"role": "owner"})
    assert is_refused(raised, 403, "forbidden"), "nobody rises by themselves"
    assert is_refused(
        await dev.post("/v1/invitations", {"email": "x@example.org", "role": "viewer"}), 403, "forbidden"
    )
    unknown = await owner.post("/v1/invitations", {"email": "x@example.org", "role": "emperor"})
    assert is_refused(unknown, 422, "invalid_field")
    gives = {r["name"]: r["gives"] for r in (await admin.get("/v1/roles")).json["data"]}
    assert gives == {role: role != OWNER_ROLE for role in ROLES}


@pytest.mark.parametrize("giver", list(ROLES))
async def test_a_key_gives_no_more_than_it_has(town: Town, giver: str) -> None:
    """For a key with the scopes of each role, and the scope `users`."""
    scopes = sorted(ROLES[giver].scopes | {"users"})
    made = await town.keys.post("/v1/keys", {"name": giver, "mode": "live", "scopes": scopes})
    client = town.office.client(made.json["secret"])
    for role in ROLES.values():
        reply = await client.post("/v1/invitations", {"email": f"{role.name}@example.org", "role": role.name})
        if reply.status == 201:
            assert role.scopes <= set(scopes), role.name
        else:
            assert reply.json["code"] == "forbidden"


async def test_an_operator_gives_a_new_account_its_first_owner(town: Town) -> None:
    made = await town.keys.post("/v1/invitations", {"email": OWNER, "role": "owner"})
    assert made.status == 201, made


async def test_a_reset_link_of_a_member_of_two_accounts_is_not_shown(town: Town) -> None:
    owner = await town.owner()
    dev = await town.invited(owner, DEV, "developer")
    member = await user_id(dev)
    reply = await owner.post(f"/v1/users/{member}/reset")
    assert reply.status == 201, reply
    assert reply.json["mailed"] is False
    used = {"token": reply.json["link"].partition("#")[2], "password": "another good phrase"}
    weak = await town.browser().post("/v1/password-resets/use", {**used, "password": "short"})
    assert is_refused(weak, 422, "password_refused")
    assert (await town.browser().post("/v1/password-resets/use", used)).status == 204
    assert is_refused(await town.browser().post("/v1/password-resets/use", used), 409, "link_used")
    assert (await dev.get("/v1/me")).status == 401, "its sessions have ended"
    dev, reply = await town.sign_in(DEV, "another good phrase")
    assert reply.status == 201
    customer = (await town.keys.post("/v1/accounts", {"name": "Customer", "price_per_segment": "0.01"})).json[
        "id"
    ]
    row, token = await town.people.invitations.new(customer, DEV, "admin", "test", mailed=False)
    await town.people.invitations.rows.add(row)
    assert (await dev.post("/v1/invitations/accept", {"token": token})).status == 201
    assert is_refused(await owner.post(f"/v1/users/{member}/reset"), 403, "forbidden")
    admin = await town.invited(owner, "admin@example.com", "admin")
    above = await admin.post(f"/v1/users/{await user_id(owner)}/reset")
    assert is_refused(above, 403, "forbidden"), "an admin does not reset an owner"


async def test_without_a_mail_server_nobody_resets_themselves(town: Town) -> None:
    await town.owner()
    reply = await town.browser().post("/v1/password-resets", {"email": OWNER})
    assert is_refused(reply, 409, "mail_unavailable")


async def test_with_a_mail_server_links_go_by_mail_alone() -> None:
    office = await Office.open(public_url=ORIGIN, mail_server="smtp://127.0.0.1:1")
    try:
        town = Town(office)
        owner = await town.owner()
        made = await owner.post("/v1/invitations", {"email": DEV, "role": "viewer"})
        assert made.json["mailed"] is True
        assert "link" not in made.json
        for email in (OWNER, "eve@example.com"):
            reply = await town.browser().post("/v1/password-resets", {"email": email})
            assert (reply.status, reply.body) == (202, b"{}"), "the answer tells nothing"
    finally:
        await office.close()
