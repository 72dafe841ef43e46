"""A door may know several ways to identify a caller. The first that a call is for decides alone."""

import pytest

from onesixty.core.actor import Actor
from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.http.auth import BearerKeys, KeyRing
from onesixty.http.call import Call
from onesixty.http.callers import SeveralCallers
from onesixty.http.scopes import Principal
from tests.http.world import LIVE, Clock, some_keys

USER = Principal(Tenant("acc_1", False), Actor("user", "usr_1"), frozenset({"account:read"}), 10)


class Cookies:
    """Callers with the cookie `session=good`."""

    def claims(self, call: Call) -> bool:
        return call.header(b"cookie") is not None

    def peek(self, call: Call) -> Principal | None:
        return None

    async def find(self, call: Call) -> Principal:
        if call.header(b"cookie") != b"session=good":
            raise Problem("unauthorized", "Unknown session.")
        return USER


def call(**headers: str) -> Call:
    return Call("GET", "/v1/account", [(k.encode(), v.encode()) for k, v in headers.items()], "127.0.0.1")


@pytest.fixture
def callers() -> SeveralCallers:
    return SeveralCallers((BearerKeys(KeyRing(some_keys().find, Clock())), Cookies()))


async def test_each_way_finds_its_callers(callers: SeveralCallers) -> None:
    by_key = await callers.find(call(authorization=f"Bearer {LIVE}"))
    assert by_key.actor == Actor("key", "key_1")
    assert callers.peek(call(authorization=f"Bearer {LIVE}")) is by_key
    assert callers.peek(call(cookie="session=good")) is None
    assert await callers.find(call(cookie="session=good")) is USER


async def test_a_key_comes_before_a_session_even_if_it_is_wrong(callers: SeveralCallers) -> None:
    both = await callers.find(call(authorization=f"Bearer {LIVE}", cookie="session=good"))
    assert both.actor.kind == "key"
    with pytest.raises(Problem, match="Unknown API key"):
        await callers.find(call(authorization="Bearer wrong", cookie="session=good"))


async def test_a_call_with_neither_is_told_of_the_header(callers: SeveralCallers) -> None:
    with pytest.raises(Problem, match="Authorization: Bearer KEY"):
        callers.peek(call())
    with pytest.raises(Problem, match="Unknown session"):
        await callers.find(call(cookie="session=bad"))
