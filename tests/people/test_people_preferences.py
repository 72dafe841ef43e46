"""Preferences: whose they are, what they may be, and what becomes of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from onesixty.people.preferences import MOST
from tests.people.conftest import Town

PATH = "/v1/me/preferences"
NOTHING: dict[str, Any] = {
    "language": None,
    "time_zone": None,
    "theme": None,
    "density": None,
    "list_pages": None,
    "letter_keys": None,
    "first_steps": None,
    "hidden_columns": {},
}


async def test_what_one_chooses_is_ones_own_in_each_browser(town_on_each_engine: Town) -> None:
    town = town_on_each_engine
    ada = await town.owner()
    bob = await town.invited(ada, "bob@example.com", "viewer")
    assert (await ada.get(PATH)).json == NOTHING
    first = await ada.patch(
        PATH, {"language": "ar", "list_pages": True, "hidden_columns": {"/v1/keys": ["hint"]}}
    )
    assert first.status == 200, first
    changed = await ada.patch(PATH, {"theme": "dark", "language": None, "hidden_columns": {"/v1/keys": None}})
    assert changed.json == NOTHING | {"theme": "dark", "list_pages": True}, "a merge patch"
    other, _ = await town.sign_in()
    assert (await other.get(PATH)).json == changed.json
    assert (await other.get(PATH, onesixty_mode="test")).json == changed.json, "the same in both modes"
    assert (await bob.get(PATH)).json == NOTHING


async def test_they_need_no_fresh_proof_and_are_in_no_audit_log(town: Town) -> None:
    ada = await town.owner()
    town.clock.turn(3_600)
    assert (await ada.patch(PATH, {"theme": "dark"})).status == 200
    assert (await ada.patch("/v1/me/passkeys/cred_1", {"name": "x"})).json["code"] == "reauthenticate"
    entries = (await ada.get("/v1/audit?limit=100")).json["data"]
    assert not [entry for entry in entries if "preferences" in entry["object"]]


@pytest.mark.parametrize(
    ("patch", "code", "param"),
    [
        ({"language": "xx"}, "invalid_field", "language"),
        ({"time_zone": "Mars/Olympus"}, "invalid_field", "time_zone"),
        ({"time_zone": "../etc/passwd"}, "invalid_field", "time_zone"),
        ({"density": "tiny"}, "invalid_field", "density"),
        ({"colour": "red"}, "unknown_field", "colour"),
        ({"hidden_columns": {"": ["x"]}}, "invalid_field", None),
        ({"hidden_columns": {f"/v1/{place}": [] for place in range(51)}}, "invalid_field", "hidden_columns"),
        (
            {"hidden_columns": {f"/v1/{place}": ["c" * 50] * 20 for place in range(MOST // 1_000)}},
            "invalid_field",
            "hidden_columns",
        ),
    ],
)
async def test_they_are_closed_and_bounded(town: Town, patch: dict[str, Any], code: str, param: str) -> None:
    ada = await town.owner()
    reply = await ada.patch(PATH, patch)
    assert (reply.status, reply.json["code"]) == (422, code), reply
    if param is not None:
        assert reply.json["param"] == param
    assert (await ada.get(PATH)).json == NOTHING


async def test_of_several_choices_at_once_all_count(town_on_each_engine: Town) -> None:
    ada = await town_on_each_engine.owner()
    patches: list[dict[str, Any]] = [{"theme": "dark"}, {"density": "compact"}, {"time_zone": "local"}]
    replies = await asyncio.gather(*(ada.patch(PATH, patch) for patch in patches))
    assert [reply.status for reply in replies] == [200, 200, 200]
    expected = NOTHING | {"theme": "dark", "density": "compact", "time_zone": "local"}
    assert (await ada.get(PATH)).json == expected


async def test_a_key_has_none(town: Town) -> None:
    await town.owner()
    assert (await town.keys.get(PATH)).json["code"] == "session_needed"
    me = (await town.keys.get("/v1/me")).json
    assert me["language"] is None


async def test_they_go_with_their_user(town: Town) -> None:
    ada = await town.owner()
    bob = await town.invited(ada, "bob@example.com", "viewer")
    assert (await bob.patch(PATH, {"theme": "dark"})).status == 200
    assert len(await town.office.store.fetch("preferences_all")) == 1
    user_id = (await bob.get("/v1/me")).json["user"]["id"]
    assert (await ada.delete(f"/v1/users/{user_id}")).status == 204
    assert await town.office.store.fetch("preferences_all") == []


async def test_me_tells_the_language_and_what_the_installation_has(town: Town) -> None:
    ada = await town.owner()
    me = (await ada.get("/v1/me")).json
    assert (me["language"], me["features"]) == (None, ["passkeys"])
    await ada.patch(PATH, {"language": "pt-BR"})
    assert (await ada.get("/v1/me")).json["language"] == "pt-BR"
