"""Saved views: whose they are, who sees them, and what they may hold."""

from __future__ import annotations

from typing import Any

import pytest

from onesixty.messages.sweep import CLEANING
from onesixty.saved_views import endpoints
from tests.people.browser import Browser
from tests.people.conftest import Town, town, town_on_each_engine

__all__ = ["town", "town_on_each_engine"]

FAILED = {
    "page": "messages",
    "name": "Failed",
    "search": {"status": ["failed", "undelivered"], "country": "DE"},
}
PATH = "/v1/saved-views"


async def made(by: Browser, **fields: Any) -> dict[str, Any]:
    reply = await by.post(PATH, FAILED | fields)
    assert reply.status == 201, reply
    found: dict[str, Any] = reply.json
    return found


async def names(who: Browser, query: str = "") -> list[str]:
    return [view["name"] for view in (await who.get(PATH + query)).json["data"]]


async def test_a_view_is_ones_own_until_it_is_shared(town_on_each_engine: Town) -> None:
    town = town_on_each_engine
    ada = await town.owner()
    bob = await town.invited(ada, "bob@example.com", "viewer")
    view = await made(bob)
    assert view["id"].startswith("view_")
    assert (view["mine"], view["shared"], view["search"]) == (True, False, FAILED["search"])
    assert await names(bob) == ["Failed"]
    assert await names(ada) == []
    for reply in (
        await ada.get(f"{PATH}/{view['id']}"),
        await ada.patch(f"{PATH}/{view['id']}", {"name": "mine now"}),
        await ada.delete(f"{PATH}/{view['id']}"),
    ):
        assert (reply.status, reply.json["code"]) == (404, "not_found")

    changed = await bob.patch(f"{PATH}/{view['id']}", {"shared": True, "search": {"country": None}})
    assert changed.json["search"] == {"status": ["failed", "undelivered"]}, "a merge patch"
    (seen,) = (await ada.get(PATH)).json["data"]
    assert (seen["id"], seen["mine"], seen["made_by"]) == (view["id"], False, view["made_by"])
    assert await names(bob, "?page=messages") == ["Failed"]
    assert await names(bob, "?page=carriers") == []


async def test_what_is_shared_is_changed_by_its_owner_and_by_who_manages_users(town: Town) -> None:
    ada = await town.owner()
    bob = await town.invited(ada, "bob@example.com", "support")
    eve = await town.invited(ada, "eve@example.com", "developer")
    view = await made(bob, shared=True)
    for reply in (
        await eve.patch(f"{PATH}/{view['id']}", {"name": "hers"}),
        await eve.delete(f"{PATH}/{view['id']}"),
    ):
        assert (reply.status, reply.json["code"]) == (403, "forbidden")
    assert (await ada.patch(f"{PATH}/{view['id']}", {"name": "tidy"})).json["made_by"] == view["made_by"]
    assert await names(bob) == ["tidy"]
    town.clock.turn(3600)
    assert (await bob.delete(f"{PATH}/{view['id']}")).status == 204, "without a fresh proof"


async def test_views_of_a_key_are_its_own_and_both_modes_have_one_list(town: Town) -> None:
    ada, keys = await town.owner(), town.keys
    assert (await keys.post(PATH, FAILED)).status == 201
    assert await names(ada) == []
    assert (await keys.post(PATH, FAILED | {"name": "For all", "shared": True})).status == 201
    assert await names(ada) == ["For all"]
    test = await ada.get(PATH, onesixty_mode="test")
    assert [view["name"] for view in test.json["data"]] == ["For all"]


async def test_pages_go_on_behind_the_last_view_that_one_sees(town: Town) -> None:
    ada = await town.owner()
    bob = await town.invited(ada, "bob@example.com", "viewer")
    for number in range(3):
        await made(ada, name=f"hidden {number}")
        await made(bob, name=f"seen {number}")
    first = (await bob.get(f"{PATH}?limit=2")).json
    rest = (await bob.get(f"{PATH}?limit=2&after={first['next']}")).json
    shown = [view["name"] for page in (first, rest) for view in page["data"]]
    assert shown == ["seen 2", "seen 1", "seen 0"]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"page": "Messages"}, "page"),
        ({"page": "../messages"}, "page"),
        ({"page": ""}, "page"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"search": []}, "search"),
        ({"search": {"to": "x" * endpoints.MOST_SEARCH}}, "search"),
        ({"search": {f"k{number}": 1 for number in range(51)}}, "search"),
        ({"shared": "yes"}, "shared"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_what_is_no_view_is_refused_with_its_field(
    town: Town, fields: dict[str, Any], param: str
) -> None:
    reply = await (await town.owner()).post(PATH, FAILED | fields)
    assert (reply.status, reply.json["param"]) == (422, param)


async def test_a_name_is_taken_once_and_the_number_is_bounded(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await town.owner()
    bob = await town.invited(ada, "bob@example.com", "viewer")
    await made(ada)
    taken = await ada.post(PATH, FAILED)
    assert (taken.status, taken.json["code"], taken.json["param"]) == (409, "conflict", "name")
    await made(ada, page="carriers")
    await made(bob)
    monkeypatch.setattr(endpoints, "MOST", 2)
    full = await ada.post(PATH, FAILED | {"name": "another"})
    assert (full.status, full.json["code"]) == (409, "conflict")
    assert "at most 2" in full.json["detail"]
    await made(bob, name="another")


async def test_what_only_people_saw_who_are_gone_is_removed_and_what_they_shared_stays(
    town_on_each_engine: Town,
) -> None:
    town = town_on_each_engine
    ada = await town.owner()
    bob = await town.invited(ada, "bob@example.com", "viewer")
    await made(bob)
    await made(bob, name="For all", shared=True)
    await made(ada)
    assert (await town.keys.post(PATH, FAILED)).status == 201
    (user,) = [user for user in (await ada.get("/v1/users")).json["data"] if user["email"].startswith("bob")]
    assert (await ada.delete(f"/v1/users/{user['id']}")).status == 204
    town.clock.turn(CLEANING)
    await town.office.features.sweep.once()
    rows = await town.office.store.fetch("saved_views_all")
    assert sorted((row[4], row[6]) for row in rows) == [("Failed", 0), ("Failed", 0), ("For all", 1)]
    assert sorted(await names(ada)) == ["Failed", "For all"]
