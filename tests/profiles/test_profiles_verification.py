"""What unverified accounts may send, who counts as verified, and what time does to profiles."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onesixty.core import times
from onesixty.profiles.keeper import DAY_MS, LEFT_OVER_MS
from onesixty.profiles.states import MOVES
from tests.accounts.test_accounts_subaccounts import at
from tests.accounts.test_accounts_subaccounts import below as sub_account
from tests.accounts.test_accounts_subaccounts import customer as someone
from tests.doors.office import Office
from tests.http.asgi import Client, Reply
from tests.http.world import SEND
from tests.profiles.samples import PDF, PROFILE, customer, upload

Opened = Callable[..., Any]


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Opened]:
    made: list[Office] = []

    async def open_(**settings: Any) -> Office:
        office = await Office.open(data_dir=tmp_path, **settings)
        await office.route()
        made.append(office)
        return office

    yield open_
    for office in made:
        await office.close()


async def send(client: Client, **more: Any) -> Reply:
    return await client.post("/v1/sms/send", SEND | more)


async def decide(office: Office, account: str, decision: str, **more: Any) -> Reply:
    reply = await office.client().post(f"/v1/profiles/{account}/decide", {"decision": decision, **more})
    assert reply.status == 200, reply.body
    return reply


async def code_of(client: Client) -> str | None:
    reply = await send(client)
    if reply.status in {200, 201, 202}:
        return None
    assert reply.status == 403
    return str(reply.json["code"])


async def test_an_unverified_account_sends_all_unless_the_operator_restricts_it(opened: Opened) -> None:
    office = await opened()
    _, live, test = await customer(office)
    assert await code_of(live) is await code_of(test) is None
    assert not office.features.profiles.rules  # nothing is asked about messages


@pytest.mark.parametrize(("setting", "of_test"), [("test", None), ("nothing", "account_unverified")])
async def test_an_unverified_account_sends_what_the_setting_says(
    opened: Opened, setting: str, of_test: str | None
) -> None:
    office = await opened(unverified_may_send=setting)
    account, live, test = await customer(office)
    assert await code_of(office.client()) is None  # the operator's account is verified
    assert (await live.get(f"/v1/profiles/{account}")).json["may_send"] == setting
    for _ in range(3):  # also by the express lane
        assert (await code_of(live), await code_of(test)) == ("account_unverified", of_test)
    preview = await live.post("/v1/sms/preview", SEND)
    assert "account_unverified" in preview.body.decode()
    await decide(office, account, "verify")
    for _ in range(3):
        assert (await code_of(live), await code_of(test)) == (None, None)
    assert (await live.get(f"/v1/profiles/{account}")).json["may_send"] == "all"
    await decide(office, account, "reject", reasons=["closed shop"])
    assert (await code_of(live), await code_of(test)) == ("account_unverified", of_test)


async def test_a_step_says_what_it_depends_on(opened: Opened) -> None:
    office = await opened(unverified_may_send="test")
    (step,) = office.features.profiles.rules
    assert step.depends_on() == {"account", "test"}
    before = step.version()
    account, _, _ = await customer(office)
    await decide(office, account, "verify")
    assert step.version() != before
    assert not step.reads


async def test_a_verified_customer_answers_for_its_sub_accounts(opened: Opened) -> None:
    office = await opened(unverified_may_send="test")
    shop = await someone(office, "Shop")
    branch = await sub_account(office, shop, "Branch")
    assert [await code_of(one.live) for one in (shop, branch)] == ["account_unverified"] * 2
    await decide(office, shop.id, "verify")
    assert [await code_of(one.live) for one in (shop, branch)] == [None, None]
    inside = at(branch)
    path = f"/v1/profiles/{branch.id}"
    assert (await shop.live.patch(path, PROFILE, headers=inside)).status == 200  # by the parent, inside
    assert await code_of(branch.live) is None
    assert (await shop.live.post(f"{path}/submit", headers=inside)).json["verified"] is True
    await decide(office, branch.id, "reject", reasons=["no such shop"])
    assert [await code_of(one.live) for one in (shop, branch)] == [None, "account_unverified"]
    assert (await branch.live.post(f"{path}/submit")).status == 200
    assert await code_of(branch.live) == "account_unverified"  # it was decided on: it stands on its own
    await decide(office, branch.id, "verify")
    await decide(office, shop.id, "reject", reasons=["gone"])
    assert [await code_of(one.live) for one in (shop, branch)] == ["account_unverified", None]


async def test_another_node_and_a_restart_know_who_is_verified(opened: Opened) -> None:
    office = await opened(unverified_may_send="test")
    account, _, _ = await customer(office)
    await decide(office, account, "verify")
    first = office.features
    await office.again()
    assert office.features.profiles.standing.verified(account)
    await decide(office, account, "expire")
    assert first.profiles.standing.verified(account)
    await first.profiles.refresh()
    assert not first.profiles.standing.verified(account)


async def test_a_verification_ends_at_its_time(opened: Opened) -> None:
    office = await opened(unverified_may_send="test")
    account, live, _ = await customer(office)
    ends = office.clock.now_ms() + DAY_MS
    shown = await decide(office, account, "verify", expires_at=_text(ends))
    assert shown.json["expires_at"] == _text(ends)
    keeper = office.features.profiles.keeper
    await keeper.once()
    assert await code_of(live) is None
    office.clock.ms = ends
    await keeper.once()
    await keeper.once()
    shown = await live.get(f"/v1/profiles/{account}")
    assert (shown.json["state"], shown.json["version"]) == ("expired", 2)
    assert await code_of(live) == "account_unverified"
    assert (await live.patch(f"/v1/profiles/{account}", PROFILE)).status == 200


def _text(ms: int) -> str:
    return times.to_text(ms)


# ------------------------------------------------------------ retention


async def test_documents_of_a_closed_account_go_after_their_time(opened: Opened, tmp_path: Path) -> None:
    office = await opened(retention_documents_days=10)
    account, live, _ = await customer(office)
    _, other, _ = await customer(office, "Other")
    for client in (live, other):
        assert (await upload(client, PDF)).status == 201
    await live.patch(f"/v1/profiles/{account}", PROFILE)
    await office.features.profiles.refresh()
    keeper = office.features.profiles.keeper

    async def turn(state: str, days: int) -> dict[str, Any]:
        await office.client().patch(f"/v1/accounts/{account}", {"state": state})
        await keeper.once()
        office.clock.ms += days * DAY_MS
        await keeper.once()
        found: dict[str, Any] = (await office.client().get(f"/v1/profiles/{account}")).json
        return found

    assert (await turn("closed", 9))["documents"] == 1
    assert (await turn("active", 9))["documents"] == 1  # opened again: the time begins anew
    assert (await turn("closed", 9))["documents"] == 1
    gone = await turn("closed", 1)
    assert gone["documents"] == 0
    assert {gone[name] for name in PROFILE} == {None}
    assert len(list((tmp_path / "documents").glob("*/*"))) == 1
    assert len((await other.get("/v1/documents")).json["data"]) == 1
    version = gone["version"]
    assert (await turn("closed", 1))["version"] == version  # nothing is left to do
    assert (await turn("active", 0))["documents"] == 0
    assert (await upload(live, PDF)).status == 201


async def test_zero_days_keep_documents_for_ever(opened: Opened) -> None:
    office = await opened(retention_documents_days=0)
    account, live, _ = await customer(office)
    await upload(live, PDF)
    await office.features.profiles.refresh()
    await office.client().patch(f"/v1/accounts/{account}", {"state": "closed"})
    keeper = office.features.profiles.keeper
    await keeper.once()
    office.clock.ms += 40_000 * DAY_MS
    await keeper.once()
    assert (await office.client().get(f"/v1/profiles/{account}")).json["documents"] == 1


async def test_files_without_a_row_are_removed_when_they_are_old(opened: Opened, tmp_path: Path) -> None:
    office = await opened()
    account, live, _ = await customer(office)
    kept = (await upload(live, PDF)).json["id"]
    folder = tmp_path / "documents" / account
    left = office.ids.new("doc")
    (folder / left).write_bytes(b"left over")
    (folder / f"{office.ids.new('doc')}.new").write_bytes(b"half")
    (folder / "notes.txt").write_bytes(b"of somebody else")
    keeper = office.features.profiles.keeper
    await keeper.once()
    assert (folder / left).exists()
    office.clock.ms += LEFT_OVER_MS
    await keeper.once()
    assert {path.name for path in folder.iterdir()} == {kept, "notes.txt"}


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(moves=st.lists(st.sampled_from(list(MOVES)), min_size=1, max_size=8))
async def test_after_any_moves_an_account_sends_if_and_only_if_it_is_verified(
    opened: Opened, moves: list[str]
) -> None:
    office = await opened(unverified_may_send="test")
    account, live, _ = await customer(office)
    await live.patch(f"/v1/profiles/{account}", PROFILE)
    state = "unverified"
    for name in moves:
        move = MOVES[name]
        if "account" in move.by:
            reply = await live.post(f"/v1/profiles/{account}/{name}")
        else:
            body = {"decision": name} | ({"reasons": ["x"]} if name == "reject" else {})
            reply = await office.client().post(f"/v1/profiles/{account}/decide", body)
        assert reply.status == (200 if state in move.before else 409)
        state = move.after if reply.status == 200 else state
        assert (await live.get(f"/v1/profiles/{account}")).json["state"] == state
        assert (await code_of(live) is None) == (state == "verified")
