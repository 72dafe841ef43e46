"""A table as one definition: how its rows are kept, the statements that it makes, and the rows in memory."""

import asyncio
from typing import Any, Literal

import msgspec
import pytest

from onesixty.core.clock import SystemClock, system_random
from onesixty.core.ids import IdSource
from onesixty.store.rows import Book, Rows
from onesixty.store.statements import StatementError, load, parse
from onesixty.store.table import Table, Unique


class Colour(msgspec.Struct, frozen=True, omit_defaults=True):
    red: int = 0


class Thing(msgspec.Struct, kw_only=True, frozen=True):
    id: str
    account_id: str
    test: bool
    kind: Literal["a", "b"] = "a"
    count: int | None = None
    share: float = 0.5
    flag: bool | None = None
    colour: Colour = Colour()
    tags: tuple[str, ...] = ()
    note: str | None = None
    beside: str = ""
    version: int = 1
    created_at: int = 0


THINGS = Table(
    "things",
    Thing,
    prefix="thg",
    owner=("account_id", "test"),
    fixed=("account_id", "test"),
    filters=("kind", "tags"),
    unique=(Unique("things_note", ("note",), "This note is in use.", "note"),),
    beside=("beside",),
    columns={"note": "remark"},
    tells="things",
)


def test_a_row_is_kept_by_the_types_of_its_fields() -> None:
    row = Thing(
        id="thg_1", account_id="acc_1", test=True, flag=False, colour=Colour(3), tags=("x",), beside="y"
    )
    values = THINGS.values(row)
    assert values == (
        "thg_1", "acc_1", 1, "a", None, 0.5, 0, '{"red":3}', '["x"]', None, 1, 0,
    )  # fmt: skip
    assert THINGS.read(values) == msgspec.structs.replace(row, beside="")
    assert THINGS.same(row, msgspec.structs.replace(row, beside="z"))
    assert not THINGS.same(row, msgspec.structs.replace(row, count=1))


def test_it_makes_statements_that_both_engines_run() -> None:
    statements = parse([("things", THINGS.text)])
    assert [statement.name for statement in statements] == [
        "things_insert", "things_update", "things_delete", "things_get", "things_all", "things_page",
        "things_page_of",
    ]  # fmt: skip
    assert {s.name for s in statements if s.tells} == {"things_insert", "things_update", "things_delete"}
    assert [name for name, _ in statements["things_update"].params] == [
        "id", "version", "kind", "count", "share", "flag", "colour", "tags", "note",
    ]  # fmt: skip
    assert dict(statements["things_page_of"].params) == {
        "account_id": "text", "test": "bigint", "kind": "text", "tags": "text", "after": "text", "most": "bigint",
    }  # fmt: skip
    for name in ("things_insert", "things_update", "things_delete"):
        assert statements[name].batch is not None, f"{name} is written alone"


def test_only_a_unique_field_names_a_row() -> None:
    assert "things_named" not in {statement.name for statement in parse([("things", THINGS.text)])}
    by_owner = Unique("things_note", ("account_id", "note"), "taken", "note")
    named = Table(
        "things", Thing, owner=("account_id", "test"), unique=(by_owner,), named="note", beside=("beside",)
    )
    statements = {statement.name: statement for statement in parse([("things", named.text)])}
    assert dict(statements["things_named"].params) == {"account_id": "text", "note": "text"}
    assert named.name_params("x", ("acc_1", None)) == {"account_id": "acc_1", "note": "x"}
    assert named.name_params("x", (None, None)) is None, "a name means one row in one account"
    for unique in ((), (Unique("things_kind", ("kind", "note"), "taken", "note"),)):
        with pytest.raises(TypeError, match="names no one row"):
            Table("things", Thing, owner=("account_id",), unique=unique, named="note", beside=("beside",))


def test_a_definition_that_cannot_be_is_refused_at_once() -> None:
    for wrong in ({"filters": ("color",)}, {"owner": ("tenant",)}, {"key": "name"}, {"fixed": ("x",)}):
        with pytest.raises(TypeError, match="has no field"):
            Table("things", Thing, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("detail", "broken"),
    [
        ("UNIQUE constraint failed: things.note", True),
        ('23505: duplicate key value violates unique constraint "things_note"', True),
        ("UNIQUE constraint failed: things.id", False),
    ],
)
def test_a_broken_index_is_known_on_both_engines(detail: str, broken: bool) -> None:
    assert (THINGS.broken(detail) is not None) is broken


def test_a_package_has_statements_or_tables() -> None:
    assert "shelves_page_of" in {statement.name for statement in load(["tests.http.shelves"])}
    with pytest.raises(StatementError, match=r"neither statements\.sql nor tables\.py"):
        load(["onesixty.core"])


class Reading:
    """A store whose read of everything waits until it is told."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.asked = 0
        self.go = asyncio.Event()

    async def fetch(self, statement: str, **params: object) -> list[tuple[Any, ...]]:
        found = list(self.rows)
        self.asked += 1
        await self.go.wait()
        return found

    def commit(self, units: Any) -> asyncio.Future[list[bool]]:
        answer: asyncio.Future[list[bool]] = asyncio.get_running_loop().create_future()
        answer.set_result([True for _ in units])
        return answer


async def test_a_book_that_is_read_takes_nothing_back_that_was_written_meanwhile() -> None:
    store: Any = Reading()
    clock = SystemClock()
    rows = Rows(THINGS, store, clock, IdSource(clock, system_random()), one="thing")
    book = Book(rows)
    by_id = book.by_id
    loading = asyncio.ensure_future(book.load())
    await asyncio.sleep(0)  # it has asked the store, and waits
    row = Thing(id=rows.new_id(), account_id="acc_1", test=False)
    store.rows.append(THINGS.values(row))
    await rows.add(row)
    store.go.set()
    await loading
    assert store.asked == 2
    assert book.by_id == {row.id: row}
    assert by_id is book.by_id, "readers hold it"
    book.note(msgspec.structs.replace(row, version=3))
    book.note(msgspec.structs.replace(row, version=2))
    assert by_id[row.id].version == 3
