"""A resource of a few lines, over HTTP, on both engines: the manners that every resource has."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from onesixty.core.actor import Actor
from onesixty.core.tenant import Tenant
from onesixty.http.auth import hash_of
from onesixty.http.idempotency import Idempotency
from onesixty.http.resource_routes import routes
from onesixty.store import urls
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from onesixty.store.rows import Book, By, RowChange, Rows
from onesixty.store.statements import load
from onesixty.store.units import Unavailable, Write
from tests.http.asgi import Client, Reply
from tests.http.shelves import endpoints, tables
from tests.http.shelves.endpoints import Shelves
from tests.http.shelves.tables import SHELVES, Shelf
from tests.http.world import LIVE, NARROW, TEST, Clock, front_over, new_ids, some_keys

PATH = "/v1/shelves"
OTHER = "os_live_another6789abcdefghijklmnopqrstuv"
MERGE_PATCH = {"content-type": "application/merge-patch+json"}
SCHEMA = (
    "CREATE TABLE shelves (id TEXT PRIMARY KEY, account_id TEXT NOT NULL, test BIGINT NOT NULL, name TEXT NOT NULL, "
    "colour TEXT NOT NULL, labels TEXT NOT NULL, size TEXT NOT NULL, note TEXT, lit BIGINT NOT NULL, "
    "version BIGINT NOT NULL, created_at BIGINT NOT NULL)",
    "CREATE UNIQUE INDEX shelves_name ON shelves (account_id, name)",
)


async def make_table(url: str) -> None:
    if urls.is_postgresql(url):
        connection = await asyncpg.connect(url)
        for statement in SCHEMA:
            await connection.execute(statement.replace("id TEXT PRIMARY", 'id TEXT COLLATE "C" PRIMARY'))
        await connection.close()
        return
    with sqlite3.connect(urls.sqlite_path(url)) as file:
        for statement in SCHEMA:
            file.execute(statement)
    file.close()


class Shop:
    """The API of shelves over a store; `changes` is what an audit log would have written."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.changes: list[RowChange] = []
        ids = new_ids(clock)
        self.rows = Rows(SHELVES, store, clock, ids, one="shelf", effects=[self._note])
        self.book = Book(self.rows)
        keys = some_keys()
        keys.add(OTHER)
        other = keys.known[hash_of(OTHER)]
        principal = type(other.principal)(
            Tenant("acc_2", False), Actor("key", "key_9"), other.principal.scopes, 100_000
        )
        keys.known[hash_of(OTHER)] = type(other)(principal)
        shelves = routes(Shelves(self.rows), Idempotency(store, clock))
        self.front = front_over(shelves, clock=clock, keys=keys)
        self.client = Client(self.front, LIVE)

    def _note(self, change: RowChange) -> Sequence[Write]:
        self.changes.append(change)
        return ()

    async def make(self, name: str, **fields: Any) -> Any:
        reply = await self.client.post(PATH, {"name": name, **fields})
        assert reply.status == 201, reply.body
        return reply.json


@pytest.fixture
async def shop(engine_url: str) -> AsyncIterator[Shop]:
    await make_table(engine_url)
    clock = Clock()
    store = await open_store(engine_url, load(["tests.http.shelves", "onesixty.http"]), clock=clock)
    yield Shop(store, clock)
    await store.close()


async def test_a_row_is_named_by_its_id_or_its_name(shop: Shop) -> None:
    made = await shop.make("Top shelf")
    for key in (made["id"], "Top shelf"):
        assert (await shop.client.get(f"{PATH}/{key}")).json == made
    changed = await shop.client.patch(f"{PATH}/Top shelf", {"name": "Low"})
    assert (changed.status, changed.json["id"]) == (200, made["id"])
    assert (await shop.client.get(f"{PATH}/Top shelf")).status == 404
    other = Client(shop.front, OTHER)
    assert (await other.get(f"{PATH}/Low")).status == 404, "a name means nothing in another account"
    taken = await other.post(PATH, {"name": "Low"})
    assert (await other.get(f"{PATH}/Low")).json == taken.json
    test = Client(shop.front, TEST)
    assert (await test.get(f"{PATH}/Low")).status == 404, "nor in the other mode"
    assert (await shop.client.delete(f"{PATH}/Low")).status == 204
    assert (await shop.client.get(f"{PATH}/{made['id']}")).status == 404
    assert (await other.get(f"{PATH}/Low")).json == taken.json


def told(reply: Reply) -> tuple[int, str, str | None]:
    return reply.status, reply.json["code"], reply.json["param"]


def test_the_feature_is_small() -> None:
    lines = [
        line for part in (tables, endpoints) for line in Path(part.__file__).read_text().splitlines() if line
    ]
    assert len(lines) <= 150


async def test_a_row_from_its_making_to_its_end(shop: Shop) -> None:
    made = await shop.client.post(PATH, {"name": "A", "labels": ["x", "y"], "size": {"w": 80}})
    assert made.status == 201
    assert made.headers["etag"] == '"1"'
    assert made.json == {
        "id": made.json["id"],
        "name": "A",
        "colour": "white",
        "labels": ["x", "y"],
        "size": {"w": 80},
        "note": None,
        "lit": False,
        "version": 1,
        "created_at": made.json["created_at"],
    }
    at = f"{PATH}/{made.json['id']}"
    got = await shop.client.get(at)
    assert (got.status, got.json, got.headers["etag"]) == (200, made.json, '"1"')
    changed = await shop.client.patch(at, {"colour": "oak", "lit": True, "note": "n"})
    assert changed.status == 200
    assert changed.headers["etag"] == '"2"'
    assert changed.json == {**made.json, "colour": "oak", "lit": True, "note": "n", "version": 2}
    assert (await shop.client.get(at)).json == changed.json
    assert (await shop.client.delete(at)).status == 204
    assert told(await shop.client.get(at)) == (404, "not_found", None)
    assert told(await shop.client.delete(at)) == (404, "not_found", None)


async def test_lists_are_pages_newest_first_with_filters(shop: Shop) -> None:
    for number in range(5):
        await shop.make(
            str(number), colour="oak" if number % 2 else "white", lit=number > 2, labels=[str(number)]
        )
    page = (await shop.client.get(f"{PATH}?limit=2")).json
    assert [row["name"] for row in page["data"]] == ["4", "3"]
    rest = (await shop.client.get(f"{PATH}?limit=3&after={page['next']}")).json
    assert ([row["name"] for row in rest["data"]], rest["next"]) == (["2", "1", "0"], None)
    for query, names in (
        ("colour=oak", ["3", "1"]),
        ("lit=true", ["4", "3"]),
        ("lit=false&colour=white", ["2", "0"]),
        ("labels=1", ["1"]),
        ("labels=", []),
    ):
        found = (await shop.client.get(f"{PATH}?{query}")).json["data"]
        assert [row["name"] for row in found] == names, query
    assert told(await shop.client.get(f"{PATH}?colour=red")) == (422, "invalid_parameter", "colour")
    assert told(await shop.client.get(f"{PATH}?color=oak")) == (422, "invalid_parameter", "color")
    assert told(await shop.client.get(f"{PATH}?after=x")) == (422, "invalid_parameter", "after")


async def test_what_is_another_accounts_or_of_the_other_mode_does_not_exist(shop: Shop) -> None:
    at = f"{PATH}/{(await shop.make('A'))['id']}"
    assert (await Client(shop.front, OTHER).get(PATH)).json["data"] == []
    assert (await Client(shop.front, TEST).get(PATH)).json["data"] == []
    for key in (OTHER, TEST):
        client = Client(shop.front, key)
        for reply in (
            await client.get(at),
            await client.patch(at, {"colour": "oak"}),
            await client.delete(at),
        ):
            assert told(reply) == (404, "not_found", None)
    assert (await shop.client.get(at)).json["version"] == 1
    assert told(await Client(shop.front, NARROW).get(PATH))[:2] == (403, "forbidden")
    assert (await Client(shop.front).get(PATH)).status == 401


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "missing_field", "name"),
        ({"name": None}, "missing_field", "name"),
        ({"name": ""}, "invalid_field", "name"),
        ({"name": 3}, "invalid_field", "name"),
        ({"name": "A", "colour": "red"}, "invalid_field", "colour"),
        ({"name": "A", "labels": ["x", 3]}, "invalid_field", "labels[1]"),
        ({"name": "A", "id": "shf_1"}, "unknown_field", "id"),
        ({"name": "A\x00"}, "invalid_field", "name"),
        ({"name": "A", "labels": ["\x00"]}, "invalid_field", "labels"),
        ([], "invalid_field", None),
    ],
)
async def test_bodies_that_cannot_be_used_are_refused(
    shop: Shop, body: Any, code: str, param: str | None
) -> None:
    assert told(await shop.client.post(PATH, body)) == (422, code, param)


async def test_a_patch_is_a_merge_patch(shop: Shop) -> None:
    made = await shop.make("A", colour="oak", note="n", labels=["x"], size={"w": 80, "h": 30}, lit=True)
    at = f"{PATH}/{made['id']}"

    async def patched(patch: Any, headers: Any = None) -> Any:
        reply = await shop.client.patch(at, patch, headers=headers)
        assert reply.status == 200, reply.body
        return {name: reply.json[name] for name in ("name", "colour", "labels", "size", "note", "lit")}

    same = {
        "name": "A",
        "colour": "oak",
        "labels": ["x"],
        "size": {"w": 80, "h": 30},
        "note": "n",
        "lit": True,
    }
    assert await patched({}) == same
    assert (await shop.client.get(at)).json["version"] == 1  # nothing changed, so nothing was written
    assert await patched({"colour": "oak"}) == same
    assert (await shop.client.get(at)).json["version"] == 1
    assert await patched({"size": {"h": None, "d": 20}}, MERGE_PATCH) == {**same, "size": {"w": 80, "d": 20}}
    assert await patched({"labels": ["y", "z"]}) == {**same, "size": {"w": 80, "d": 20}, "labels": ["y", "z"]}
    cleared = dict.fromkeys(("colour", "labels", "size", "note", "lit"))
    assert await patched(cleared) == {
        "name": "A", "colour": "white", "labels": [], "size": {}, "note": None, "lit": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("patch", "code", "param", "detail"),
    [
        ({"name": None}, "invalid_field", "name", "`name` cannot be cleared."),
        ({"name": 3}, "invalid_field", "name", "`name` must be a string, not an integer."),
        ({"id": "x"}, "unknown_field", "id", "Unknown field `id`."),
        ({"id": None}, "unknown_field", "id", "Unknown field `id`."),
        (
            {"color": None},
            "unknown_field",
            "color",
            "Unknown field `color`. Did you mean `colour`?",
        ),
        (
            {"size": {"w": "x"}},
            "invalid_field",
            "size.w",
            "`size.w` must be an integer, not a string.",
        ),
        ({"note": "\x00"}, "invalid_field", "note", "`note` must not contain a NUL character."),
        ([], "invalid_field", None, "The body must be an object, not a list."),
    ],
)
async def test_patches_that_cannot_be_used_are_refused(
    shop: Shop, patch: Any, code: str, param: str | None, detail: str
) -> None:
    at = f"{PATH}/{(await shop.make('A'))['id']}"
    reply = await shop.client.patch(at, patch)
    assert (*told(reply), reply.json["detail"]) == (422, code, param, detail)
    assert (await shop.client.get(at)).json["version"] == 1


async def test_a_merge_patch_is_for_patches_alone(shop: Shop) -> None:
    reply = await shop.client.post(PATH, {"name": "A"}, headers=MERGE_PATCH)
    assert told(reply) == (415, "unsupported_media_type", None)


async def test_with_if_match_the_version_that_was_read_is_changed(shop: Shop) -> None:
    at = f"{PATH}/{(await shop.make('A'))['id']}"
    assert (await shop.client.patch(at, {"note": "1"}, headers={"If-Match": '"1"'})).headers["etag"] == '"2"'
    for reply in (
        await shop.client.patch(at, {"note": "2"}, headers={"If-Match": '"1"'}),
        await shop.client.delete(at, headers={"If-Match": 'W/"2", "7"'}),
    ):
        assert (*told(reply), reply.json["version"]) == (412, "precondition_failed", "If-Match", 2)
    reply = await shop.client.patch(at, {"note": "2"}, headers={"If-Match": "2"})
    assert told(reply) == (422, "invalid_parameter", "If-Match")
    assert (await shop.client.patch(at, {"note": "2"}, headers={"If-Match": '"1", "2"'})).status == 200
    assert (await shop.client.patch(at, {"note": "3"}, headers={"If-Match": "*"})).json["note"] == "3"
    assert (await shop.client.delete(at, headers={"If-Match": '"4"'})).status == 204


async def test_of_two_changes_at_once_both_hold(shop: Shop) -> None:
    at = f"{PATH}/{(await shop.make('A'))['id']}"
    patches: list[dict[str, Any]] = [{"colour": "oak"}, {"note": "n"}, {"lit": True}, {"labels": ["x"]}]
    replies = await asyncio.gather(*(shop.client.patch(at, patch) for patch in patches))
    assert [reply.status for reply in replies] == [200] * 4
    found = (await shop.client.get(at)).json
    assert (found["colour"], found["note"], found["lit"], found["labels"]) == ("oak", "n", True, ["x"])
    assert found["version"] == 5


async def test_of_two_changes_of_one_version_one_is_told_of_the_other(shop: Shop) -> None:
    at = f"{PATH}/{(await shop.make('A'))['id']}"
    replies = await asyncio.gather(
        *(shop.client.patch(at, {"note": note}, headers={"If-Match": '"1"'}) for note in "ab")
    )
    assert sorted(reply.status for reply in replies) == [200, 412]
    assert (await shop.client.get(at)).json["version"] == 2


async def test_a_name_in_use_is_a_conflict_that_names_the_field(shop: Shop) -> None:
    await shop.make("A")
    at = f"{PATH}/{(await shop.make('B'))['id']}"
    for reply in (await shop.client.post(PATH, {"name": "A"}), await shop.client.patch(at, {"name": "A"})):
        assert (*told(reply), reply.json["detail"]) == (
            409,
            "conflict",
            "name",
            "This name is already in use.",
        )


async def test_a_post_with_an_idempotency_key_makes_one(shop: Shop) -> None:
    keyed = {"Idempotency-Key": "k"}
    replies = await asyncio.gather(*(shop.client.post(PATH, {"name": "A"}, headers=keyed) for _ in range(3)))
    again = await shop.client.post(
        PATH, {"colour": "white", "name": "A"}, headers=keyed
    )  # the same, as understood
    assert {reply.status for reply in [*replies, again]} == {201}
    assert len({reply.json["id"] for reply in [*replies, again]}) == 1
    assert again.headers["idempotency-replayed"] == "true"
    assert len((await shop.client.get(PATH)).json["data"]) == 1
    other = await shop.client.post(PATH, {"name": "B"}, headers=keyed)
    assert told(other)[:2] == (409, "idempotency_mismatch")


async def test_a_refusal_is_judged_anew(shop: Shop) -> None:
    made = await shop.make("A")
    keyed = {"Idempotency-Key": "k"}
    assert (await shop.client.post(PATH, {"name": "A"}, headers=keyed)).status == 409
    await shop.client.delete(f"{PATH}/{made['id']}")
    assert (await shop.client.post(PATH, {"name": "A"}, headers=keyed)).status == 201


async def test_every_change_is_told_to_the_effects_with_who_made_it(shop: Shop) -> None:
    at = f"{PATH}/{(await shop.make('A'))['id']}"
    await shop.client.patch(at, {"note": "n"}, headers={"X-Request-Id": "my-request"})
    await shop.client.delete(at)
    assert [(change.table, change.kind) for change in shop.changes] == [
        ("shelves", "made"),
        ("shelves", "changed"),
        ("shelves", "removed"),
    ]
    change = shop.changes[1]
    assert isinstance(change.before, Shelf)
    assert isinstance(change.after, Shelf)
    assert (change.before.note, change.after.note, change.after.version) == (None, "n", 2)
    assert change.by == By("acc_1", Actor("key", "key_1"), "my-request", shop.client.address)


async def test_the_book_has_what_was_written_before_the_answer(shop: Shop) -> None:
    seen: list[int] = []
    shop.book.on_filled(lambda: seen.append(len(shop.book.by_id)))
    made = await shop.make("A")
    assert shop.book.by_id[made["id"]].name == "A"
    await shop.client.patch(f"{PATH}/{made['id']}", {"note": "n"})
    assert shop.book.by_id[made["id"]].note == "n"
    await shop.book.load()
    assert shop.book.by_id[made["id"]].version == 2
    await shop.client.delete(f"{PATH}/{made['id']}")
    assert shop.book.by_id == {}
    assert seen == [1, 1, 1, 0]


async def test_a_store_that_is_away_is_told_as_such(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await shop.make("A")

    def away(_units: object) -> asyncio.Future[Any]:
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        answer.set_result([Unavailable("away")])
        return answer

    monkeypatch.setattr(shop.store, "commit", away)
    for reply in (
        await shop.client.post(PATH, {"name": "B"}),
        await shop.client.patch(f"{PATH}/{made['id']}", {"note": "n"}),
        await shop.client.delete(f"{PATH}/{made['id']}"),
    ):
        assert (reply.status, reply.json["code"], reply.headers["retry-after"]) == (503, "unavailable", "1")


def own(operation: Any) -> set[str]:
    """The parameters of an operation beside those that all share."""
    return {one["name"] for one in operation["parameters"] if "$ref" not in one}


async def test_the_document_shows_the_structs(shop: Shop) -> None:
    document = (await shop.client.get("/openapi.json")).json
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    schemas = document["components"]["schemas"]
    assert schemas["ShelfView"]["required"] == list(endpoints.ShelfView.__struct_fields__)
    change = schemas["ShelfViewChange"]
    assert "required" not in change
    assert change["properties"]["name"] == {
        "type": "string", "minLength": 1, "maxLength": 20, "description": "What it is known by.",
    }  # fmt: skip
    assert change["properties"]["colour"] == {
        "anyOf": [{"enum": ["black", "oak", "white"], "type": "string"}, {"type": "null"}],
        "description": 'Of the boards. null restores the default, "white".',
    }
    paths = document["paths"]
    patch = paths["/v1/shelves/{id}"]["patch"]
    assert (patch["operationId"], patch["summary"]) == ("change_shelf", "Change a shelf")
    assert set(patch["requestBody"]["content"]) == {"application/json", "application/merge-patch+json"}
    assert own(patch) == {"id", "if-match"}
    assert "ETag" in patch["responses"]["200"]["headers"]
    made = paths["/v1/shelves"]["post"]
    assert made["responses"]["201"]["description"] == "The created shelf."
    assert own(made) == {"idempotency-key"}
    assert own(paths["/v1/shelves"]["get"]) == {"limit", "after", "colour", "lit", "labels"}


def ShelfView_fields() -> tuple[str, ...]:
    return endpoints.ShelfView.__struct_fields__
