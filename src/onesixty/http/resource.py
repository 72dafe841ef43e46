"""A resource: list, get, make, change and remove the rows of a table, in the same way for every resource.

    class Shelves(Resource[Shelf, NewShelf, ShelfFields, ShelfView]):
        path, tag, one, many, scope = "/v1/shelves", "shelves", "shelf", "shelves", "shelves"
        new, fields, shown = NewShelf, ShelfFields, ShelfView

    router = routes(Shelves(rows), idempotency)

A feature defines its bodies and answers, and overrides the rules that differ: `made`, `changed`, `remove`, `reach`,
`view`. Without an override, fields are copied by name from body to row to answer.

Rules kept here:
- lists are pages: they take `limit`, `after` and the filters of `query`, and answer `data` and `next`;
- every answer of one row has an `ETag`, its version. With `If-Match` only that version is changed or removed;
  otherwise 412 `precondition_failed` names the present version. Without `If-Match`, a change that collides with
  another starts again, so that both take effect;
- a PATCH is a merge patch of the struct `fields`; a patch that changes nothing writes nothing;
- a POST with an `Idempotency-Key` creates one row. A repeated request gets the first answer without its secrets,
  which are shown only once. A refusal is not stored: a repeated request is judged again;
- rows of another account or mode do not exist for the caller;
- a path names a row by its id. If the table says what its rows are named by (`named`), it takes that, too;
- the effects of `store.rows` (events, an audit log) learn who changed a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, Generic, NamedTuple, TypeVar

import msgspec

from onesixty.core.contracts import Write
from onesixty.core.tenant import Reach
from onesixty.http import structs
from onesixty.http.call import Call
from onesixty.http.paging import PageQuery
from onesixty.http.scopes import Principal
from onesixty.store.rows import By, Rows
from onesixty.store.table import R

N = TypeVar("N", bound=structs.Body)
F = TypeVar("F", bound=structs.Body)
V = TypeVar("V", bound=structs.Answer)

LIST: Final = "list"
GET: Final = "get"
MAKE: Final = "make"
CHANGE: Final = "change"
REMOVE: Final = "remove"
VERBS: Final = (MAKE, LIST, GET, CHANGE, REMOVE)


class ByVerb(NamedTuple):
    """A text for each verb; an empty one keeps the default."""

    make: str = ""
    list: str = ""
    get: str = ""
    change: str = ""
    remove: str = ""


class Made(NamedTuple):
    """A row to create. `secrets` are shown only once, in the answer. `writes` are committed with the row; `keys` name
    the other rows that they touch. `also` are new rows of other tables, committed with this one."""

    row: Any
    secrets: Mapping[str, object] = {}
    writes: Sequence[Write] = ()
    keys: Sequence[str] = ()
    also: Sequence[tuple[Rows[Any], Any]] = ()


class Changed(NamedTuple):
    """A row with its new values, and the writes that are committed with it."""

    row: Any
    writes: Sequence[Write] = ()


class Resource(Generic[R, N, F, V]):
    """One resource of the API. `one` and `many` are its singular and plural in the document."""

    path: ClassVar[str]
    tag: ClassVar[str]
    one: ClassVar[str]
    many: ClassVar[str]
    #: The scope of every verb, and the scope of reading if that is a different one.
    scope: ClassVar[str]
    reads: ClassVar[str] = ""
    verbs: ClassVar[Sequence[str]] = VERBS
    new: type[N]
    fields: type[F]
    shown: type[V]
    #: The answer of a POST, if it has more than `shown`: a secret.
    shown_once: ClassVar[type[structs.Answer] | None] = None
    query: ClassVar[type[PageQuery]] = PageQuery
    #: The sentences of the document by verb: a title, and details after a blank line.
    about: ClassVar[ByVerb] = ByVerb()
    #: The names of operations and schemas, if they do not follow from `one`, `many` and the structs.
    operations: ClassVar[ByVerb] = ByVerb()
    list_name: ClassVar[str] = ""
    change_name: ClassVar[str] = ""
    #: The name of the last part of the path. `spans` says that it may contain slashes.
    key: ClassVar[str] = "id"
    spans: ClassVar[bool] = False
    #: What follows the key in the path, for a resource of which each row of another one has one.
    tail: ClassVar[str] = ""

    def __init__(self, rows: Rows[R]) -> None:
        self.rows = rows

    # ------------------------------------------------------------ rules, to override

    def reach(self, caller: Principal) -> Reach:
        """Which rows a caller sees: by default those of its tenant."""
        return caller.tenant.own

    async def find(self, caller: Principal, key: str) -> R:
        """The row that a path names, by its key or by its name if the table has one. Raises Problem `not_found`."""
        return await self.rows.named(key, self.reach(caller))

    async def page(self, caller: Principal, query: Any) -> tuple[Sequence[R], str | None]:
        """A page of rows, and the cursor of the next one."""
        filters = {name: getattr(query, name) for name in self.rows.table.filters if hasattr(query, name)}
        return await self.rows.page(query.limit, query.after, self.reach(caller), **filters)

    async def made(self, body: N, caller: Principal) -> Made:
        """The row to create for a body. Raises Problem. It has no effect: it is asked before users prove who
        they are, and then once more."""
        row = self.rows.table.row
        known = {"id": self.rows.new_id(), "version": 1, "created_at": self.rows.now()}
        known |= caller.tenant._asdict()
        known |= {name: getattr(body, name) for name in body.__struct_fields__}
        made = row(**{name: value for name, value in known.items() if name in row.__struct_fields__})
        return Made(self.rows.table.typed(made))

    def fields_of(self, row: R) -> F:
        """The changeable fields of a row, in the form of a body."""
        return self.fields(**{name: getattr(row, name) for name in self.fields.__struct_fields__})

    async def changed(self, row: R, fields: F, said: Mapping[str, Any], caller: Principal) -> Changed:
        """The row with these fields; `said` is the patch as received. Raises Problem. Like `made`, it has no
        effect."""
        return Changed(self.rows.table.typed(msgspec.structs.replace(row, **msgspec.structs.asdict(fields))))

    async def save(self, before: R, changed: Changed, by: By) -> R:
        """Write a change. Raises Problem, or Lost if the row has changed since it was read."""
        row: R = await self.rows.change(before, changed.row, by=by, writes=changed.writes)
        return row

    async def remove(self, row: R, caller: Principal, by: By) -> None:
        """Remove a row. Raises Problem."""
        await self.rows.remove(row, by=by)

    def view(self, row: R, caller: Principal) -> V:
        """The row as this caller sees it."""
        return self.shown(**structs.shown_fields(self.shown, row))

    async def views(self, rows: Sequence[R], caller: Principal) -> list[V]:
        """The rows as this caller sees them. Override it to look something up once for all of them."""
        return [self.view(row, caller) for row in rows]


def by_of(call: Call, caller: Principal) -> By:
    """Who makes a change, for writes that a feature makes outside these verbs."""
    return By(caller.account_id, caller.actor, call.request_id, call.client, caller.home, call.reason)
