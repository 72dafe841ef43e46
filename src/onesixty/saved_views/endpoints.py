"""`/v1/saved-views`: bodies, answers and rules.

Rules kept here:
- a view belongs to the user or key that made it, in one account and for both modes. Others see it only if it is
  shared, and then cannot change it;
- whoever manages the users of the account may change and remove what others have shared: people leave;
- a view grants nothing: it holds what a list is asked for, and each reader asks with their own rights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final

import msgspec
from msgspec import Meta
from pydantic import Field

from onesixty.core import ids
from onesixty.core.errors import Problem
from onesixty.http import structs
from onesixty.http.idempotency import Idempotency
from onesixty.http.openapi import Router
from onesixty.http.paging import PageQuery, cut
from onesixty.http.resource import ByVerb, Changed, Made, Resource
from onesixty.http.resource_routes import routes
from onesixty.http.scopes import Principal
from onesixty.http.structs import Answer, Body, Time
from onesixty.saved_views.tables import SavedView
from onesixty.store.contract import Store
from onesixty.store.rows import By, Rows

#: The views that one user or key can have in an account.
MOST: Final = 200
#: The bytes of `search` as JSON.
MOST_SEARCH: Final = 4_096
#: Who has it may change and remove what others have shared.
MANAGES: Final = "users"

_PAGE: Final = r"^[a-z][a-z0-9]*(?:[-/][a-z0-9]+)*$"

PageName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=50,
        pattern=_PAGE,
        description="The list that it is a view of, by its path in the console.",
        examples=["messages"],
    ),
]
ViewName = Annotated[str, Meta(min_length=1, max_length=100, examples=["Failed in Germany"])]
#: What a query parameter may be: one value, or one for each repetition.
Asked = str | int | float | bool | list[str | int]
Search = Annotated[
    dict[str, Asked],
    Meta(
        max_length=50,
        description="What the list is asked for: its query parameters, as JSON.",
        examples=[{"status": ["failed", "undelivered"], "country": "DE"}],
    ),
]
Shared = Annotated[bool, Meta(description="Whether everybody in the account sees it.")]


class SavedViewFields(Body):
    """The fields of a saved view that can be changed."""

    name: ViewName
    search: Search = msgspec.field(default_factory=dict)
    shared: Shared = False


class NewSavedView(SavedViewFields, kw_only=True):
    """A new saved view."""

    page: PageName


class SavedViewView(Answer):
    """A saved view of a list."""

    id: str
    page: str
    name: str
    search: Search
    shared: Shared
    mine: Annotated[bool, Meta(description="Whether you made it.")]
    made_by: Annotated[str, Meta(description="The user or key that made it.", examples=["user:usr_..."])]
    version: Annotated[int, Meta(description="Increases with every change.")]
    created_at: Time


class SavedViewQuery(PageQuery):
    """The filters of the list."""

    kind: ClassVar[str] = ids.SAVED_VIEW

    page: Annotated[
        str | None, Field(max_length=50, description="Only views of this page, such as `messages`.")
    ] = None


class SavedViewResource(Resource[SavedView, NewSavedView, SavedViewFields, SavedViewView]):
    """`/v1/saved-views`."""

    path, tag, one, many = "/v1/saved-views", "views", "saved_view", "saved_views"
    scope = "account:read"
    new, fields, shown, query = NewSavedView, SavedViewFields, SavedViewView, SavedViewQuery
    list_name, change_name = "SavedViewList", "SavedViewChange"
    about = ByVerb(
        make="Save a view of a list: what it is asked for, under a name.\n\nIt is yours, in both modes. With "
        "`shared`, everybody in the account sees it.",
        list="List your saved views and those that others share, newest first.",
        get="Get a saved view.",
        change="Change a saved view.\n\nOnly who made it can do this; what is shared, also who manages users.",
        remove="Delete a saved view.\n\nOnly who made it can do this; what is shared, also who manages users.",
    )

    def __init__(self, rows: Rows[SavedView], store: Store) -> None:
        super().__init__(rows)
        self._store = store

    async def find(self, caller: Principal, key: str) -> SavedView:
        row = await super().find(caller, key)
        if not row.shared and not _is_mine(row, caller):
            raise self.rows.missing()
        return row

    async def page(self, caller: Principal, query: SavedViewQuery) -> tuple[Sequence[SavedView], str | None]:
        found = await self._store.fetch(
            "saved_views_seen",
            account_id=caller.account_id,
            made_by=caller.actor.text,
            page=query.page,
            after=self.rows.table.cursor(query.after),
            most=query.limit + 1,
        )
        return cut([self.rows.opened(row) for row in found], query.limit, lambda row: row.id)

    async def made(self, body: NewSavedView, caller: Principal) -> Made:
        made_by = caller.actor.text
        ((count,),) = await self._store.fetch(
            "saved_views_count", account_id=caller.account_id, made_by=made_by
        )
        if count >= MOST:
            raise Problem("conflict", f"You can have at most {MOST} saved views. Delete one first.")
        _check(body.search)
        row = SavedView(
            id=self.rows.new_id(),
            account_id=caller.account_id,
            made_by=made_by,
            created_at=self.rows.now(),
            **msgspec.structs.asdict(body),
        )
        return Made(self.rows.table.typed(row))

    async def changed(
        self, row: SavedView, fields: SavedViewFields, said: Mapping[str, Any], caller: Principal
    ) -> Changed:
        _check_may_change(row, caller)
        _check(fields.search)
        return await super().changed(row, fields, said, caller)

    async def remove(self, row: SavedView, caller: Principal, by: By) -> None:
        _check_may_change(row, caller)
        await super().remove(row, caller, by)

    def view(self, row: SavedView, caller: Principal) -> SavedViewView:
        return SavedViewView(**structs.shown_fields(SavedViewView, row), mine=_is_mine(row, caller))


def saved_view_routes(rows: Rows[SavedView], store: Store, idempotency: Idempotency | None = None) -> Router:
    """The routes, for callers with the scope `account:read`, which every role has."""
    return routes(SavedViewResource(rows, store), idempotency)


def _is_mine(row: SavedView, caller: Principal) -> bool:
    return row.made_by == caller.actor.text


def _check_may_change(row: SavedView, caller: Principal) -> None:
    if not _is_mine(row, caller) and MANAGES not in caller.scopes:
        raise Problem("forbidden", "Only who made this view, or who manages users, can change it.")


def _check(search: Mapping[str, Any]) -> None:
    if len(msgspec.json.encode(search)) > MOST_SEARCH:
        raise Problem(
            "invalid_field", f"`search` must not exceed {MOST_SEARCH} bytes as JSON.", param="search"
        )
