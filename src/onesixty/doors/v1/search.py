"""`GET /v1/search`: one question for everything that has an id, a number, a reference or a name.

Rules kept here:
- a caller finds only what it may also read by the endpoint of that kind: the scope, mode and account are those of
  that endpoint, and what it may not read is not there;
- operators with the scope `accounts` also find messages of other accounts, by their id or by a carrier's id: their id
  and account only. Their contents are read in that account (`Onesixty-Account`), which the audit log notes;
- a search is bounded: it looks at so many objects of each kind, and `more` says that there may be others.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Annotated, Any, Final

from fastapi import Depends, Query
from msgspec import Meta
from pydantic import Field
from starlette.responses import Response

from onesixty.audit_log.reading import Filters as AuditFilters
from onesixty.audit_log.reading import Reading
from onesixty.core import ids, times
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.http import openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.bodies import Query as QueryModel
from onesixty.http.openapi import Router
from onesixty.http.paging import MOST
from onesixty.http.resource import GET, LIST, Resource
from onesixty.http.scopes import Principal, check_scope
from onesixty.http.structs import Answer, Time
from onesixty.messages.batches import Batches
from onesixty.messages.queries import Filters, Queries
from onesixty.refusals.service import Filters as RefusalFilters
from onesixty.refusals.service import Refusals

#: Results of one kind.
MOST_HITS: Final = 10
#: Pages of a kind whose names are looked at.
PAGES: Final = 3
#: How long before and after the time of a request id its entries are looked for, in ms.
AROUND_MS: Final = 600_000

#: The fields of objects that a name is looked for in. The first that an object has is its title.
NAMES: Final = ("name", "number", "system_id", "email", "url", "description", "filename", "hint")

_NUMBER: Final = re.compile(r"\+?[0-9]{3,15}")
_NOISE: Final = re.compile(r"[\s().\-/]")
_MESSAGES: Final = "messages:read"
_AUDIT: Final = "audit:read"
_ACCOUNTS: Final = "accounts"
_CARRIERS: Final = "carriers"

Reader = Annotated[Principal, Depends(Requires("account:read"))]
#: Adds what it finds for a caller and a question.
_Finder = Callable[[Principal, str, "_Found"], Awaitable[None]]


class SearchQuery(QueryModel):
    """`?q=+4915112345678`."""

    q: Annotated[
        str,
        Field(
            min_length=2,
            max_length=200,
            description="An id, a number or a part of it (3 digits or more), a reference, a request id, the id that "
            "a carrier gave a message (operators), or a part of a name.",
        ),
    ]


class SearchHit(Answer):
    """Something that was found."""

    id: str
    title: Annotated[str, Meta(description="What to show of it: its name, number or status.")]
    detail: Annotated[str | None, Meta(description="More about it, for example the text of a message.")]
    matched: Annotated[
        str,
        Meta(
            description="What matched: `id`, `number`, `reference`, `request_id`, `carrier_message_id`, `name`."
        ),
    ]
    account_id: Annotated[
        str | None,
        Meta(description="The account, if it is another one than the caller's: act there to read it."),
    ]
    created_at: Time | None
    path: Annotated[str, Meta(description="The path of the object in this API.")]


class SearchGroup(Answer):
    """What was found of one kind."""

    kind: Annotated[
        str, Meta(examples=["message"], description="The kind of object: `message`, `webhook`, ...")
    ]
    data: list[SearchHit]
    more: Annotated[bool, Meta(description="Whether there may be others of this kind.")]


class SearchAnswer(Answer):
    """The results of a search, by kind."""

    q: str
    data: list[SearchGroup]


class _Found:
    """Results on their way, by kind and id."""

    def __init__(self) -> None:
        self._hits: dict[str, dict[str, SearchHit]] = {}
        self._more: set[str] = set()

    def add(self, kind: str, hit: SearchHit) -> None:
        if any(hit.id in hits for other, hits in self._hits.items() if other != kind):
            return  # an account is also a sub-account
        hits = self._hits.setdefault(kind, {})
        if hit.id not in hits and len(hits) >= MOST_HITS:
            self._more.add(kind)
        else:
            hits.setdefault(hit.id, hit)

    def more(self, kind: str) -> None:
        """Say that there may be others of this kind."""
        self._more.add(kind)

    def groups(self) -> list[SearchGroup]:
        return [
            SearchGroup(kind=kind, data=list(hits.values()), more=kind in self._more)
            for kind, hits in self._hits.items()
        ]


class Search:
    """Looks for everything. `resources` are those of the API."""

    def __init__(
        self,
        queries: Queries,
        batches: Batches,
        refusals: Refusals,
        reading: Reading,
        carriers: Callable[[], Awaitable[Sequence[str]]],
        resources: Sequence[Resource[Any, Any, Any, Any]],
    ) -> None:
        """`carriers` returns the ids of all carriers."""
        self._queries = queries
        self._batches = batches
        self._refusals = refusals
        self._reading = reading
        self._carriers = carriers
        self._resources = [one for one in resources if one.rows.table.prefix and one.key == "id"]

    async def find(self, caller: Principal, q: str) -> list[SearchGroup]:
        """Everything that this caller may see and that fits."""
        found = _Found()
        finders: tuple[_Finder, ...] = (
            self._message, self._batch, self._by_request, self._by_reference, self._by_carrier_id, self._by_number,
        )  # fmt: skip
        for finder in finders:
            await finder(caller, q, found)
        for resource in self._resources:
            await self._in(resource, caller, q, found)
        return found.groups()

    # ------------------------------------------------------------ messages

    async def _message(self, caller: Principal, q: str, found: _Found) -> None:
        if not _may(caller, _MESSAGES):
            return
        id_: str | None = q
        if ids.is_id(ids.EVENT, q):
            id_ = await self._queries.message_of_event(caller.tenant, q)
        if id_ is None or not ids.is_id(ids.MESSAGE, id_):
            return
        message = await self._queries.get(caller.tenant, id_)
        if message is not None:
            found.add("message", _message_hit(message, "id"))
        elif caller.operates(_ACCOUNTS):
            for other in await self._queries.of_any_account([id_]):
                found.add("message", _elsewhere(other, "id"))

    async def _batch(self, caller: Principal, q: str, found: _Found) -> None:
        if not ids.is_id(ids.BATCH, q) or not _may(caller, _MESSAGES):
            return
        try:
            batch = await self._batches.get(caller.tenant, q)
        except Problem:
            return
        found.add(
            "batch", _hit(q, f"{batch.size} messages", None, "id", batch.created_at, f"/v1/batches/{q}")
        )

    async def _by_reference(self, caller: Principal, q: str, found: _Found) -> None:
        if _may(caller, _MESSAGES):
            await self._messages(caller, Filters(reference=q), "reference", found)

    async def _by_number(self, caller: Principal, q: str, found: _Found) -> None:
        number = _number(q)
        if number is None or not _may(caller, _MESSAGES):
            return
        await self._messages(caller, Filters(number_part=number.removeprefix("+")), "number", found)
        if number.startswith("+"):
            await self._refused(caller, RefusalFilters(recipient=number), "number", found)

    async def _messages(self, caller: Principal, filters: Filters, matched: str, found: _Found) -> None:
        messages, next_ = await self._queries.find(caller.tenant, filters, MOST_HITS, None)
        for message in messages:
            found.add("message", _message_hit(message, matched))
        if next_ is not None:
            found.more("message")

    async def _by_carrier_id(self, caller: Principal, q: str, found: _Found) -> None:
        if not caller.operates(_CARRIERS) or len(q) > 64:
            return
        every = caller.operates(_ACCOUNTS)
        for message in await self._queries.of_carrier_ids(await self._carriers(), q, MOST_HITS):
            if message.tenant == caller.tenant:
                found.add("message", _message_hit(message, "carrier_message_id"))
            elif every:
                found.add("message", _elsewhere(message, "carrier_message_id"))

    # ------------------------------------------------------------ requests

    async def _by_request(self, caller: Principal, q: str, found: _Found) -> None:
        if _may(caller, _MESSAGES):
            await self._refused(caller, RefusalFilters(request_id=q), "request_id", found)
        if not _may(caller, _AUDIT):
            return
        at = ids.made_at(q) if ids.is_id(ids.REQUEST, q) else None
        filters = AuditFilters(
            account_id=caller.account_id,
            created_after=None if at is None else at - AROUND_MS,
            created_before=None if at is None else at + AROUND_MS,
        )
        entries, _ = await self._reading.page(filters, MOST, None)
        for entry in entries:
            if entry.request_id == q:
                title = f"{entry.action} {entry.object}"
                found.add(
                    "audit entry",
                    _hit(entry.id, title, entry.object_id, "request_id", entry.at, f"/v1/audit/{entry.id}"),
                )

    async def _refused(self, caller: Principal, filters: RefusalFilters, matched: str, found: _Found) -> None:
        refused, next_ = await self._refusals.find(caller.tenant, filters, MOST_HITS, None)
        for one in refused:
            path = f"/v1/refusals?request_id={one.request_id}"
            found.add("refusal", _hit(one.id, one.code, one.detail, matched, ids.made_at(one.id), path))
        if next_ is not None:
            found.more("refusal")

    # ------------------------------------------------------------ resources

    async def _in(
        self, resource: Resource[Any, Any, Any, Any], caller: Principal, q: str, found: _Found
    ) -> None:
        if not _may(caller, resource.reads or resource.scope):
            return
        if ids.is_id(resource.rows.table.prefix, q) and GET in resource.verbs:
            try:
                row = await resource.find(caller, q)
            except Problem:
                return
            (view,) = await resource.views([row], caller)
            found.add(resource.one, _view_hit(resource, view, "id"))
            return
        if LIST not in resource.verbs or not _has_name(resource):
            return
        wanted, number = q.casefold(), _number(q)
        after: str | None = None
        for _ in range(PAGES):
            rows, after = await resource.page(caller, resource.query(limit=MOST, after=after))
            for view in await resource.views(rows, caller):
                said = [name for name in NAMES if _fits(getattr(view, name, None), wanted, number)]
                if said:
                    found.add(
                        resource.one, _view_hit(resource, view, "number" if said[0] == "number" else "name")
                    )
            if after is None:
                return
        found.more(resource.one)


def search_routes(search: Search) -> Router:
    """The route. Everybody may ask; each kind has its own scope."""
    router = Router("search")
    router.describe(lambda: openapi.of_struct(SearchAnswer))

    @router.get("/v1/search", responses=openapi.answers(200, "SearchAnswer", "The results, by kind."))
    async def search_everything(caller: Reader, query: Annotated[SearchQuery, Query()]) -> Response:
        """Search for an id, a number, a reference or a name.

        The results are those that the caller may also read by the endpoint of their kind. Each kind has at most ten;
        `more` says that there may be others, which the list of that kind finds.
        """
        return json_answer(SearchAnswer(q=query.q, data=await search.find(caller, query.q.strip())))

    return router


def _may(caller: Principal, scope: str) -> bool:
    try:
        check_scope(caller, scope)
    except Problem:
        return False
    return True


def _number(q: str) -> str | None:
    """The question as a number or a part of one; None if it is none."""
    plain = _NOISE.sub("", q)
    return plain if _NUMBER.fullmatch(plain) else None


def _fits(value: object, wanted: str, number: str | None) -> bool:
    if not isinstance(value, str):
        return False
    return wanted in value.casefold() or (number is not None and number in value)


def _has_name(resource: Resource[Any, Any, Any, Any]) -> bool:
    return any(name in NAMES for name in resource.shown.__struct_fields__)


def _hit(id_: str, title: str, detail: str | None, matched: str, at: int | None, path: str) -> SearchHit:
    return SearchHit(
        id=id_,
        title=title,
        detail=detail,
        matched=matched,
        account_id=None,
        created_at=times.text_or_none(at),
        path=path,
    )


def _message_hit(message: Message, matched: str) -> SearchHit:
    text = f"{message.sender} → {message.recipient}" if message.redacted_at is None else None
    return _hit(message.id, message.status, text, matched, message.created_at, f"/v1/messages/{message.id}")


def _elsewhere(message: Message, matched: str) -> SearchHit:
    """A message of another account or mode: where it is, and nothing of what is in it."""
    hit = _hit(message.id, message.status, None, matched, message.created_at, f"/v1/messages/{message.id}")
    hit.account_id = message.account_id
    return hit


def _view_hit(resource: Resource[Any, Any, Any, Any], view: Any, matched: str) -> SearchHit:
    names = list(_names(view))
    return SearchHit(
        id=view.id,
        title=names[0] if names else view.id,
        detail=names[1] if len(names) > 1 else None,
        matched=matched,
        account_id=None,
        created_at=getattr(view, "created_at", None),
        path=f"{resource.path}/{view.id}",
    )


def _names(view: Any) -> Iterator[str]:
    for name in NAMES:
        value = getattr(view, name, None)
        if isinstance(value, str) and value:
            yield value
