"""The limit of what accounts store: documents of an account and of those below it, one by one and at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from onesixty.store.units import Unit
from tests.doors.office import Office
from tests.http.asgi import Client, Reply
from tests.profiles.samples import png, upload

#: The octets of one document of these tests.
SIZE = len(png(b"%02d" % 0))


@pytest.fixture
async def office(engine_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    made = await Office.open(engine_url, data_dir=tmp_path)
    yield made
    await made.close()


async def opened(client: Client, path: str, documents: int | None, office: Office) -> tuple[str, Client]:
    """A new account that may store so many documents."""
    limits: dict[str, Any] = {} if documents is None else {"storage_bytes": documents * SIZE}
    made = await client.post(path, {"name": "customer", "price_per_segment": "0.01", "limits": limits})
    assert made.status == 201, made.json
    return made.json["id"], office.client(made.json["keys"][0]["secret"])


async def put(client: Client, number: int) -> Reply:
    return await upload(client, png(b"%02d" % number), type_="image/png")


def full(reply: Reply) -> str:
    assert (reply.status, reply.json["code"]) == (409, "documents_full"), reply.json
    return str(reply.json["detail"])


async def stored(client: Client) -> tuple[int, int]:
    (one,) = (await client.get("/v1/limits")).json["data"]
    assert one["name"] == "storage_bytes"
    return one["used"], one["remaining"]


async def test_an_account_stores_so_much_and_no_more(office: Office, tmp_path: Path) -> None:
    account_id, client = await opened(office.client(), "/v1/accounts", 2, office)
    first = await put(client, 1)
    assert [first.status, (await put(client, 2)).status] == [201, 201]
    assert full(await put(client, 3)) == f"The limit of the account is {2 * SIZE} bytes of documents."
    assert (await put(client, 2)).status == 200, "it is there already"
    assert await stored(client) == (2 * SIZE, 0)
    assert len(list((tmp_path / "documents").glob("*/*"))) == 2
    assert (await client.delete(f"/v1/documents/{first.json['id']}")).status == 204
    assert (await put(client, 3)).status == 201
    raised = {"limits": {"storage_bytes": 3 * SIZE}}
    assert (await office.client().patch(f"/v1/accounts/{account_id}", raised)).status == 200
    assert (await put(client, 4)).status == 201
    assert await stored(client) == (3 * SIZE, 0)


async def test_the_limit_of_an_account_counts_those_below_it(office: Office) -> None:
    _, parent = await opened(office.client(), "/v1/accounts", 3, office)
    _, branch = await opened(parent, "/v1/subaccounts", 2, office)
    _, other = await opened(parent, "/v1/subaccounts", None, office)
    assert [(await put(branch, n)).status for n in range(2)] == [201, 201]
    assert "bytes" in full(await put(branch, 2))
    assert (await put(other, 0)).status == 201
    assert "above" in full(await put(other, 1)), "the limit of a parent is its own affair"
    full(await put(parent, 1))
    assert await stored(parent) == (3 * SIZE, 0)
    assert (await other.get("/v1/limits")).json["data"] == []
    too_much = {"name": "x", "price_per_segment": "0.01", "limits": {"storage_bytes": 4 * SIZE}}
    refused = await parent.post("/v1/subaccounts", too_much)
    assert (refused.status, refused.json["param"]) == (422, "limits.storage_bytes")


async def test_uploads_at_once_do_not_pass_the_limit_together(office: Office) -> None:
    _, parent = await opened(office.client(), "/v1/accounts", 4, office)
    branches = [(await opened(parent, "/v1/subaccounts", None, office))[1] for _ in range(3)]
    replies = await asyncio.gather(*(put(branch, n) for n in range(3) for branch in branches))
    assert sorted(reply.status for reply in replies) == [201] * 4 + [409] * 5, [one.json for one in replies]
    assert {reply.json["code"] for reply in replies if reply.status == 409} == {"documents_full"}
    assert await stored(parent) == (4 * SIZE, 0)


async def test_a_turn_that_another_node_took_is_lost(office: Office) -> None:
    """Another node read the same documents, and was faster."""
    account_id, _ = await opened(office.client(), "/v1/accounts", 2, office)
    room = office.features.limits.storage.room
    first, second = [await room(account_id, SIZE) for _ in range(2)]
    units = [Unit(keys=one.keys, guards=one.guards) for one in (first, second)]
    assert await office.node.store.commit(units) == [True, False]
    third = await room(account_id, SIZE)
    assert await office.node.store.commit([Unit(keys=third.keys, guards=third.guards)]) == [True]


async def test_an_account_with_this_limit_alone_has_no_meter(office: Office) -> None:
    account_id, _ = await opened(office.client(), "/v1/accounts", 2, office)
    assert office.features.limits.hold.chain_of(account_id) == ()
