"""Which hot route a request finds, and that it is answered and counted as by the app of its door."""

from typing import Any

import pytest

from onesixty.http.call import Answer, Call
from onesixty.http.hot import Hot, HotRoutes

SEND = "/v1/sms/send"
CHECK = "/v1/verifications/{id}/check"
EXACT = "/v1/verifications/newest/check"
DOOR: Any = None


async def route(call: Call) -> Answer:
    return Answer(200, call.item.encode())


@pytest.fixture
def routes() -> HotRoutes:
    return HotRoutes(("POST", Hot(route, DOOR, path)) for path in (SEND, CHECK, EXACT))


def test_a_template_gives_its_path_and_the_id(routes: HotRoutes) -> None:
    found = routes.find("POST", "/v1/verifications/ver_01ABC-x/check")
    assert found is not None
    assert (found.hot.path, found.item) == (CHECK, "ver_01ABC-x")


def test_an_exact_path_comes_first_and_has_no_id(routes: HotRoutes) -> None:
    for path in (SEND, EXACT):
        found = routes.find("POST", path)
        assert found is not None
        assert (found.hot.path, found.item) == (path, "")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/verifications/check",
        "/v1/verifications//check",
        "/v1/verifications/a/b/check",
        "/v1/verifications/a%2Fb/check",
        "/v1/verifications/ver_1/check?a=1",
        "/v1/verifications/ver_1?a=/check",
        "/v1/verifications/ver_1/check/",
        "/v1/verifications/ver\u00e9/check",
        f"/v1/verifications/{'a' * 65}/check",
    ],
)
def test_other_paths_take_the_long_way(routes: HotRoutes, path: str) -> None:
    assert routes.find("POST", path) is None


def test_other_methods_take_the_long_way(routes: HotRoutes) -> None:
    assert routes.find("GET", "/v1/verifications/ver_1/check") is None


def test_a_template_has_one_id() -> None:
    with pytest.raises(ValueError, match="at most"):
        HotRoutes([("POST", Hot(route, DOOR, "/v1/{id}/{id}"))])
