"""Sign-in at an identity provider: a real one, over HTTP, and tokens that do not count."""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from onesixty.core.errors import Problem
from onesixty.people.oidc import groups
from onesixty.people.oidc.config import Config
from onesixty.people.oidc.provider import Answered, Provider
from onesixty.people.oidc.tokens import claims_of, with_userinfo
from onesixty.people.tables import Membership
from tests.doors.office import Office
from tests.http.asgi import Reply
from tests.http.world import Clock
from tests.people.browser import ORIGIN, Browser
from tests.people.conftest import OWNER, Town
from tests.people.provider import ProviderProcess, running_provider

ROLES = {"sms-owners": "owner", "sms-admins": "admin", "sms-devs": "developer"}


class World:
    """A town with a provider, whose clock is the real one: the provider has no other."""

    def __init__(self, town: Town, provider: ProviderProcess) -> None:
        self.town = town
        self.provider = provider
        town.clock.ms = round(time.time() * 1000)

    async def through(self, browser: Browser, subject: str, **start: Any) -> Reply:
        """The way there and back."""
        begun = await browser.post("/v1/oidc/start", start)
        assert begun.status == 200, begun
        back = await self.provider.authorize(begun.json["url"], subject)
        parts = urlsplit(back)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{ORIGIN}/v1/oidc/callback"
        return await browser.get(f"{parts.path}?{parts.query}")


@pytest.fixture(scope="module")
def provider() -> Iterator[ProviderProcess]:
    """A provider for all tests here: each names users of its own, by their subjects."""
    with running_provider() as running:
        yield running


@pytest.fixture
async def world(provider: ProviderProcess) -> AsyncIterator[World]:
    office = await Office.open(
        public_url=ORIGIN,
        oidc_issuer=provider.issuer,
        oidc_client_id="onesixty",
        oidc_client_secret="a secret",
        oidc_name="Example ID",
        oidc_roles=ROLES,
        oidc_link_by_email=True,
    )
    made = World(Town(office), provider)
    yield made
    await office.features.people.stop(1)
    await office.close()


def is_refused(reply: Reply, what: str) -> bool:
    assert (reply.status, reply.json["code"]) == (403, "oidc_refused"), reply
    assert what in reply.json["detail"], reply.json["detail"]
    return True


async def test_a_group_lets_a_user_in_with_its_role(world: World) -> None:
    await world.town.owner()
    assert (await world.town.browser().get("/v1/sign-in")).json["oidc"] == "Example ID"
    await world.provider.claims(
        "s-1", email="eve@example.com", email_verified=True, name="Eve", groups=["staff", "sms-devs"]
    )
    browser = world.town.browser()
    reply = await world.through(browser, "s-1", return_to="/console/messages?status=failed")
    assert (reply.status, reply.headers["location"]) == (303, f"{ORIGIN}/console/messages?status=failed")
    assert "__Host-onesixty-provider" not in browser.cookies
    me = (await browser.get("/v1/me")).json
    assert (me["user"]["email"], me["user"]["name"], me["role"]) == ("eve@example.com", "Eve", "developer")
    assert me["session"]["method"] == "oidc"
    assert me["user"]["factors"]["password"] is False

    await world.provider.claims("s-1", email="eve@example.org", groups=["sms-admins"])
    again = world.town.browser()
    assert (await world.through(again, "s-1")).status == 303
    renamed = (await again.get("/v1/me")).json
    assert (renamed["user"]["id"], renamed["role"]) == (me["user"]["id"], "admin"), (
        "known by its subject alone"
    )
    assert (await browser.get("/v1/me")).json["role"] == "admin"

    await world.provider.claims("s-1", email="eve@example.org", groups=["staff"])
    assert is_refused(await world.through(world.town.browser(), "s-1"), "no group")
    assert (await browser.get("/v1/me")).status == 401, "and its sessions have ended"
    assert await world.town.people.users.by_email("eve@example.com") is None, (
        "the last membership took the user"
    )
    assert (await world.through(world.town.browser(), "s-1")).status == 403


async def test_what_was_given_by_hand_outlives_the_groups(world: World) -> None:
    owner = await world.town.owner()
    await world.provider.claims("s-6", email="eve@example.com", email_verified=True, groups=["sms-devs"])
    assert (await world.through(world.town.browser(), "s-6")).status == 303
    user = await world.town.people.users.by_email("eve@example.com")
    assert user is not None
    changed = await owner.patch(f"/v1/users/{user.id}", {"role": "viewer"})
    assert changed.status == 200
    await world.provider.claims("s-6", email="eve@example.com", groups=[])
    browser = world.town.browser()
    assert (await world.through(browser, "s-6")).status == 303
    assert (await browser.get("/v1/me")).json["role"] == "viewer"


async def test_the_last_owner_stays_without_a_group(world: World) -> None:
    await world.provider.claims("s-7", email="eve@example.com", email_verified=True, groups=["sms-owners"])
    browser = world.town.browser()
    assert (await world.through(browser, "s-7")).status == 303
    user = await world.town.people.users.by_email("eve@example.com")
    assert user is not None
    await world.provider.claims("s-7", email="eve@example.com", groups=["staff"])
    assert is_refused(await world.through(world.town.browser(), "s-7"), "no group")
    assert (await browser.get("/v1/me")).status == 401
    (kept,) = await world.town.people.users.memberships_of(user.id)
    assert kept.role == "owner"
    await world.provider.claims("s-7", email="eve@example.com", groups=["sms-owners"])
    assert (await world.through(browser, "s-7")).status == 303
    await world.town.office.features.audit_log.chainer.chain()
    log = await world.town.keys.get("/v1/audit?limit=200&action=sign_in_refused")
    assert [entry["details"] for entry in log.json["data"]] == [
        {"method": "oidc", "code": "oidc_refused", "email": "eve@example.com"}
    ]


async def test_without_a_group_or_an_invitation_nobody_comes_in(world: World) -> None:
    await world.provider.claims("s-2", email="first@example.com", email_verified=True)
    assert is_refused(await world.through(world.town.browser(), "s-2"), "Ask for an invitation")
    assert await world.town.office.store.fetch("users_all") == [], "nobody becomes an owner by being first"


async def test_an_address_alone_takes_over_nobody(world: World) -> None:
    owner = await world.town.owner()
    await world.provider.claims("s-3", email=OWNER, email_verified=True, groups=["sms-devs"])
    assert is_refused(await world.through(world.town.browser(), "s-3"), "link the provider")
    linked = await world.through(owner, "s-3", purpose="link")
    assert linked.status == 303, linked
    browser = world.town.browser()
    assert (await world.through(browser, "s-3")).status == 303
    me = (await browser.get("/v1/me")).json
    assert (me["user"]["email"], me["role"]) == (OWNER, "owner"), "what was given by hand stays"
    dev = await world.town.invited(owner, "dev@example.com", "developer")
    assert is_refused(await world.through(dev, "s-3", purpose="link"), "another user")


async def test_an_invited_user_comes_in_without_a_password(world: World) -> None:
    owner = await world.town.owner()
    made = await owner.post("/v1/invitations", {"email": "new@example.com", "role": "viewer"})
    token = made.json["link"].partition("#")[2]
    await world.provider.claims("s-4", email="other@example.com", name="New")
    browser = world.town.browser()
    assert (await world.through(browser, "s-4", invitation=token)).status == 303
    me = (await browser.get("/v1/me")).json
    assert (me["user"]["email"], me["role"]) == ("new@example.com", "viewer")


async def test_only_the_browser_that_began_finishes_and_only_once(world: World) -> None:
    await world.provider.claims("s-5", email="eve@example.com", groups=["sms-devs"])
    victim, thief = world.town.browser(), world.town.browser()
    begun = await thief.post("/v1/oidc/start")
    query = parse_qs(urlsplit(begun.json["url"]).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["redirect_uri"] == [f"{ORIGIN}/v1/oidc/callback"]
    back = urlsplit(await world.provider.authorize(begun.json["url"], "s-5"))
    reply = await victim.get(f"{back.path}?{back.query}")
    assert is_refused(reply, "Another browser")
    reply = await thief.get(f"{back.path}?{back.query}")
    assert (reply.status, reply.json["code"]) == (409, "link_used")
    reply = await thief.get("/v1/oidc/callback?state=unknown&code=x")
    assert (reply.status, reply.json["code"]) == (404, "link_gone")


@pytest.mark.parametrize(
    "path", ["https://evil.example", "//evil.example", "/\\evil.example", "console", "/ a"]
)
async def test_the_way_back_leads_to_this_site(world: World, path: str) -> None:
    reply = await world.town.browser().post("/v1/oidc/start", {"return_to": path})
    assert (reply.status, reply.json["param"]) == (422, "return_to")


async def test_the_provider_says_no_or_is_another(world: World) -> None:
    browser = world.town.browser()
    for query, what in (
        ("error=access_denied", "access_denied"),
        ("iss=https://evil.example&code=x", "another"),
    ):
        begun = await browser.post("/v1/oidc/start")
        state = parse_qs(urlsplit(begun.json["url"]).query)["state"][0]
        assert is_refused(await browser.get(f"/v1/oidc/callback?state={state}&{query}"), what)
    begun = await browser.post("/v1/oidc/start")
    state = parse_qs(urlsplit(begun.json["url"]).query)["state"][0]
    assert is_refused(
        await browser.get(f"/v1/oidc/callback?state={state}&code=forged"), "did not accept the code"
    )


async def test_linking_needs_a_fresh_session(world: World) -> None:
    owner = await world.town.owner()
    reply = await world.town.browser().post("/v1/oidc/start", {"purpose": "link"})
    assert (reply.status, reply.json["code"]) == (403, "session_needed")
    world.town.clock.turn(16 * 60)
    reply = await owner.post("/v1/oidc/start", {"purpose": "link"})
    assert (reply.status, reply.json["code"]) == (403, "reauthenticate")


async def test_without_a_provider_there_is_none(town: Town) -> None:
    reply = await town.browser().post("/v1/oidc/start")
    assert (reply.status, reply.json["code"]) == (404, "oidc_off")


async def test_a_provider_that_is_away_is_said() -> None:
    office = await Office.open(public_url=ORIGIN, oidc_issuer="http://localhost:1", oidc_client_id="x")
    try:
        reply = await Town(office).browser().post("/v1/oidc/start")
        assert (reply.status, reply.json["code"], reply.json["retryable"]) == (503, "oidc_unavailable", True)
    finally:
        await office.features.people.stop(1)
        await office.close()


# ---------------------------------------------------------------- tokens

CONFIG = Config(
    issuer="https://id.example.com", client_id="onesixty", client_secret="s", name="x", scopes="openid",
    role_claim="groups", roles={}, link_by_email=False,
)  # fmt: skip
NOW = Clock().ms // 1000
RSA, EC = RSAKey.generate_key(2048, {"kid": "r"}), ECKey.generate_key("P-256", {"kid": "e"})
OTHER = RSAKey.generate_key(2048, {"kid": "r"})


class _Known(Provider):
    """A provider whose keys are known."""

    async def keys(self, *, anew: bool = False) -> dict[str, Any]:
        return KeySet([RSA, EC]).as_dict(private=False)  # type: ignore[return-value]


async def read(token: str, access: str = "") -> dict[str, Any]:
    return await claims_of(_Known(CONFIG, Clock()), Answered(token, access), "n-1", NOW * 1000)


def token(key: Any = RSA, algorithm: str = "RS256", **claims: Any) -> str:
    whole = {
        "iss": CONFIG.issuer,
        "aud": "onesixty",
        "sub": "s-1",
        "exp": NOW + 300,
        "iat": NOW,
        "nonce": "n-1",
    }
    whole = {name: value for name, value in (whole | claims).items() if value is not None}
    return jwt.encode({"alg": algorithm, "kid": key.kid}, whole, key, algorithms=[algorithm])


async def test_tokens_that_count() -> None:
    assert (await read(token()))["sub"] == "s-1"
    assert (await read(token(EC, "ES256")))["sub"] == "s-1"
    half = base64.urlsafe_b64encode(sha256(b"access").digest()[:16]).rstrip(b"=").decode()
    assert await read(token(at_hash=half), "access")
    assert await read(token(aud=["onesixty", "other"], azp="onesixty"))


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["onesixty", "other"]},
        {"azp": "other"},
        {"exp": NOW - 61},
        {"exp": None},
        {"iat": NOW - 601},
        {"iat": NOW + 61},
        {"nonce": "n-2"},
        {"nonce": None},
        {"sub": ""},
        {"sub": None},
        {"sub": 7},
        {"sub": "x" * 256},
        {"at_hash": "wrong"},
    ],
)
async def test_tokens_that_say_something_else(claims: dict[str, Any]) -> None:
    with pytest.raises(Problem) as refused:
        await read(token(**claims), "access")
    assert refused.value.code == "oidc_refused"


async def test_tokens_by_another_key_or_way() -> None:
    payload = token().split(".")[1]
    none = ".".join((_part(b'{"alg":"none"}'), payload, ""))
    # by the public key, as if it were a shared secret
    signed = ".".join((_part(b'{"alg":"HS256","kid":"r"}'), payload))
    hs256 = f"{signed}.{_part(hmac.digest(RSA.as_pem(private=False), signed.encode(), 'sha256'))}"
    for forged in (token(OTHER), hs256, none, token(RSA, "RS512"), "rubbish", "", token()[:-4] + "AAAA"):
        with pytest.raises(Problem) as refused:
            await read(forged)
        assert refused.value.code == "oidc_refused", forged


def _part(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def test_userinfo_never_says_who_it_is() -> None:
    claims = {"sub": "s-1", "email": "a@example.com"}
    assert with_userinfo(claims, {"sub": "s-1", "email": "b@example.com", "groups": ["x"]}) == {
        "sub": "s-1", "email": "a@example.com", "groups": ["x"],
    }  # fmt: skip
    for other in ({"sub": "s-2"}, {"email": "b@example.com"}):
        with pytest.raises(Problem):
            with_userinfo(claims, other)


# ---------------------------------------------------------------- groups


def test_the_first_group_decides_for_an_account() -> None:
    table = {"a": "viewer", "b": "admin", "c": "developer@acc_2", "d": "emperor", "e": "viewer@acc_9"}
    known = {"acc_1", "acc_2"}
    assert groups.wanted(table, ["b", "a", "c", "d", "e"], "acc_1", known) == {
        "acc_1": "viewer",
        "acc_2": "developer",
    }
    assert groups.wanted(table, ["b"], "acc_1", known) == {"acc_1": "admin"}
    assert groups.wanted(table, [], "acc_1", known) == {}


@pytest.mark.parametrize(
    ("claims", "path", "found"),
    [
        ({"groups": ["a", "b"]}, "groups", ["a", "b"]),
        ({"groups": "a"}, "groups", ["a"]),
        ({"realm_access": {"roles": ["a", 7]}}, "realm_access.roles", ["a"]),
        ({"groups": {"a": 1}}, "groups", []),
        ({}, "groups", []),
    ],
)
def test_groups_are_found_in_claims(claims: dict[str, Any], path: str, found: list[str]) -> None:
    assert groups.said(claims, path) == found


def test_what_was_given_by_hand_stays() -> None:
    def member(account: str, role: str, managed: bool) -> Membership:
        return Membership(
            id=account, user_id="u", account_id=account, role=role, managed=managed, created_at=0
        )

    present = [member("1", "viewer", True), member("2", "owner", False), member("3", "viewer", True)]
    join, change, remove = groups.differences({"1": "admin", "2": "viewer", "4": "viewer"}, present)
    assert join == {"4": "viewer"}
    assert [(one.account_id, role) for one, role in change] == [("1", "admin")]
    assert [one.account_id for one in remove] == ["3"]
