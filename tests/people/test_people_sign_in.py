"""Sign-in by password: one text for all that is wrong, and a guesser is slowed down without locking anybody out."""

from __future__ import annotations

import pytest

from onesixty.core.errors import Problem
from onesixty.people import passwords, slow_down
from onesixty.people.passwords import Passwords, cost
from onesixty.people.slow_down import ADDRESS, USER, SlowDown
from tests.doors.office import Office
from tests.http.world import Clock
from tests.people.browser import ORIGIN
from tests.people.conftest import OWNER, PASSWORD, Town

GOOD = "another good phrase"


async def test_a_wrong_address_and_a_wrong_password_cannot_be_told_apart(town: Town) -> None:
    await town.owner()
    runs: list[str] = []
    hashing = town.people.passwords._hashing
    matches = hashing.matches

    async def counted(stored: str, password: str) -> bool:
        runs.append(stored)
        return await matches(stored, password)

    hashing.matches = counted  # type: ignore[method-assign]
    replies = [
        (await town.sign_in(OWNER, "wrong horse battery"))[1],
        (await town.sign_in("eve@example.com"))[1],
    ]
    for reply in replies:
        assert reply.status == 401
        assert {k: v for k, v in reply.json.items() if k != "request_id"} == {
            k: v for k, v in replies[0].json.items() if k != "request_id"
        }
    assert len(runs) == 2, "an unknown address costs the same run"


async def test_an_address_is_found_in_any_case(town: Town) -> None:
    await town.owner()
    _, reply = await town.sign_in("Ada@Example.COM")
    assert reply.status == 201


async def test_a_stranger_slows_down_strangers_but_not_who_was_here_before(town: Town) -> None:
    owner = await town.owner()
    stranger = town.browser("198.51.100.7")
    for _ in range(USER.burst):
        _, reply = await town.sign_in(password=GOOD, browser=stranger)
        assert reply.json["code"] == "sign_in_refused"
    _, reply = await town.sign_in(password=GOOD, browser=stranger)
    assert (reply.status, reply.json["code"], reply.json["retryable"]) == (429, "sign_in_slowed", True)
    assert 1 <= int(reply.headers["retry-after"]) <= 60
    _, reply = await town.sign_in(password=GOOD, browser=town.browser("203.0.113.9"))
    assert reply.json["code"] == "sign_in_slowed", "from another address, too"
    await owner.delete("/v1/sessions/current")
    _, reply = await town.sign_in(browser=owner)
    assert reply.status == 201, "the owner's own browser is not slowed down"
    town.clock.turn(USER.seconds)
    _, reply = await town.sign_in(browser=town.browser("203.0.113.9"))
    assert reply.status == 201, "and from anywhere after a short wait"


async def test_an_address_that_tries_many_users_is_slowed_down(town: Town) -> None:
    await town.owner()
    stranger = town.browser("198.51.100.7")
    for number in range(ADDRESS.burst):
        await town.sign_in(f"user{number}@example.com", GOOD, browser=stranger)
    _, reply = await town.sign_in("another@example.com", GOOD, browser=stranger)
    assert reply.json["code"] == "sign_in_slowed"
    _, reply = await town.sign_in()
    assert reply.status == 201


def test_refused_attempts_extend_no_wait() -> None:
    clock = Clock()
    slow = SlowDown(clock)
    for _ in range(USER.burst):
        slow.begin("192.0.2.1", "ada")
    for _ in range(1000):
        with pytest.raises(Problem) as refused:
            slow.begin("192.0.2.2", "ada")
        assert (refused.value.retry_after or 0) <= 60
    clock.turn(USER.seconds)
    slow.right(slow.begin("192.0.2.2", "ada"))
    slow.begin("192.0.2.2", "ada")


def test_one_customer_of_ipv6_is_one_address() -> None:
    slow = SlowDown(Clock())
    for number in range(ADDRESS.burst):
        slow.begin(f"2001:db8::{number:x}")
    with pytest.raises(Problem):
        slow.begin("2001:db8::ffff")
    slow.begin("2001:db8:0:1::1")


def test_the_allowances_are_bounded_in_number() -> None:
    slow = SlowDown(Clock(), capacity=10)
    for number in range(100):
        slow.begin(f"10.0.0.{number}")
    assert len(slow._left) == 10
    assert slow_down.CAPACITY > 1000


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "123456789012",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "password1234",
        "Password2026!",
        "qwertyuiop12",
        "!!!!!!!!!!!!",
        "x" * 257,
        "ada@example.com",
        "ADA@example.com1",
    ],
)
def test_passwords_that_are_refused(password: str) -> None:
    with pytest.raises(Problem) as refused:
        passwords.check(password, OWNER)
    assert (refused.value.code, refused.value.param) == ("password_refused", "password")


@pytest.mark.parametrize(
    "password",
    [PASSWORD, "zwölf Zeichen", "密码密码很长很长的一句话啊", "x7#k9$Qm2!vB", "        a sentence"],
)
def test_passwords_that_are_taken(password: str) -> None:
    passwords.check(password, OWNER)


def test_the_bundled_list_has_the_commonest() -> None:
    assert len(passwords.common()) > 10_000
    assert {"password", "123456", "qwertyuiop"} <= passwords.common()


async def test_a_password_is_the_same_in_every_way_to_write_it(town: Town) -> None:
    own = Passwords(cost(memory_kib=64, passes=1))
    try:
        stored = await own.hash(passwords.check("zwölf Zeichen", OWNER))
        assert await own.matches(stored, "zwo\u0308lf Zeichen")
        assert not await own.matches(stored, "zwolf Zeichen")
        assert stored.startswith("$argon2id$")
    finally:
        own.close()


def test_the_cost_in_production() -> None:
    kdf = cost()
    assert (kdf.memory_cost, kdf.time_cost, kdf.parallelism) == (19 * 1024, 2, 1)


async def test_a_hash_of_another_cost_is_made_anew(town: Town) -> None:
    await town.owner()
    hashing = town.people.passwords._hashing
    hashing._kdf = cost(memory_kib=128, passes=1)
    _, reply = await town.sign_in()
    assert reply.status == 201
    user = await town.people.users.by_email(OWNER)
    assert user is not None
    held = await town.people.credentials.of(user.id)
    assert held.password is not None
    assert "m=128," in held.password.secret
    assert (await town.sign_in())[1].status == 201


async def test_hashes_of_passwords_are_sealed_in_the_database(town: Town) -> None:
    await town.owner()
    (row,) = await town.office.store.fetch("credentials_all")
    assert "argon2" not in str(row)
    assert "sealed:" in str(row)


async def test_too_many_at_once_are_told_to_wait(town: Town) -> None:
    await town.owner()
    town.people.passwords._hashing._most = 0
    _, reply = await town.sign_in()
    assert (reply.status, reply.json["code"]) == (503, "unavailable")


async def test_only_owners_of_the_operator_use_passwords_if_the_setting_says_so() -> None:
    office = await Office.open(public_url=ORIGIN, password_sign_in="owners")
    try:
        town = Town(office)
        owner = await town.owner()
        await town.invited(owner, "dev@example.com", "developer")
        _, reply = await town.sign_in("dev@example.com")
        assert (reply.status, reply.json["code"]) == (403, "password_sign_in_off")
        _, reply = await town.sign_in("dev@example.com", GOOD)
        assert reply.json["code"] == "sign_in_refused"
        assert (await town.sign_in())[1].status == 201
        assert (await town.browser().get("/v1/sign-in")).json["password"] == "owners"
    finally:
        await office.close()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": OWNER},
        {"password": PASSWORD},
        {"email": OWNER, "password": 7},
        {"email": OWNER, "password": PASSWORD, "admin": True},
    ],
)
async def test_a_body_that_is_no_sign_in(town: Town, body: dict[str, object]) -> None:
    reply = await town.browser().post("/v1/sessions", body)
    assert reply.status == 422
    assert reply.json["code"] in ("missing_field", "invalid_field", "unknown_field")


async def test_no_page_of_another_site_signs_anybody_in(town: Town) -> None:
    await town.owner()
    body = {"email": OWNER, "password": PASSWORD}
    for headers in ({"origin": "https://evil.example"}, {"content_type": "text/plain"}):
        reply = await town.browser().post("/v1/sessions", body, **headers)
        assert (reply.status, reply.json["code"]) == (403, "csrf")
    from_curl = await town.browser().post(
        "/v1/sessions", body, origin=None, x_onesixty_console=None, sec_fetch_site=None
    )
    assert from_curl.status == 201
