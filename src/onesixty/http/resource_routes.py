"""The routes of a resource (`http.resource`): the HTTP side of list, get, make, change and remove, for all resources.

Rules kept here: those of `http.resource`. A feature needs no HTTP code for this.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Generic

import msgspec
from fastapi import Depends, Header, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from onesixty.http import etags, merge_patch, openapi, structs
from onesixty.http.answers import empty_answer, json_answer
from onesixty.http.auth import Requires
from onesixty.http.call import SCOPE_KEY, Answer, Call
from onesixty.http.etags import IfMatch
from onesixty.http.idempotency import Idempotency, KeyedRequest
from onesixty.http.merge_patch import MergePatch
from onesixty.http.openapi import JSON, Router, Schema
from onesixty.http.paging import page_answer
from onesixty.http.problems import response_of
from onesixty.http.resource import CHANGE, GET, LIST, MAKE, REMOVE, Changed, F, N, Resource, V, by_of
from onesixty.http.scopes import Principal
from onesixty.store.rows import Lost, again
from onesixty.store.table import R


def routes(
    resource: Resource[R, N, F, V], idempotency: Idempotency | None = None, router: Router | None = None
) -> Router:
    """The routes of a resource with their schemas, on a new router or added to `router`.

    Without `idempotency` no POST stores its answer.
    """
    made = _Routes(resource, idempotency)
    router = router or Router(resource.tag)
    router.describe(made.schemas)
    router.resources.append(resource)
    made.add_to(router)
    return router


class _Routes(Generic[R, N, F, V]):
    """The endpoints of one resource."""

    def __init__(self, resource: Resource[R, N, F, V], idempotency: Idempotency | None) -> None:
        self._resource = resource
        self._idempotency = idempotency
        self._decode_new = msgspec.json.Decoder(resource.new).decode
        self._patch = MergePatch(resource.fields)
        self._made_name = (resource.shown_once or resource.shown).__name__
        self._list_name = resource.list_name or f"{resource.shown.__name__}List"
        self._change_name = resource.change_name or f"{resource.shown.__name__}Change"

    def schemas(self) -> dict[str, Schema]:
        """The schemas of the bodies and answers, by name."""
        resource = self._resource
        made = (resource.new, resource.shown_once or resource.shown) if MAKE in resource.verbs else ()
        found = openapi.of_struct(resource.shown, *made)
        found[self._list_name] = openapi.list_of(resource.shown.__name__)
        if CHANGE in resource.verbs:
            about = (
                "A JSON merge patch: absent fields keep their values; null clears a field or restores "
                "its default."
            )
            found |= self._patch.schemas(self._change_name, about)
        return found

    def add_to(self, router: Router) -> None:
        """Put the routes of the resource's verbs on a router."""
        resource = self._resource
        one, shown = resource.one, resource.shown.__name__
        at = (f"/{{{resource.key}:path}}" if resource.spans else f"/{{{resource.key}}}") + resource.tail
        article = "an" if one[0] in "aeiou" else "a"
        for verb, method, path, name, title, answers, extra in (
            (MAKE, "POST", "", f"create_{one}", f"Create {article} {one}.",
             etags.answers(201, self._made_name, f"The created {one}."), openapi.json_body(resource.new.__name__)),
            (LIST, "GET", "", f"list_{resource.many}", f"List {resource.many}, newest first.",
             openapi.answers(200, self._list_name, f"A page of {resource.many}."), {}),
            (GET, "GET", at, f"get_{one}", f"Get {article} {one}.",
             etags.answers(200, shown, f"The {one}."), {}),
            (CHANGE, "PATCH", at, f"change_{one}", f"Change {article} {one}.",
             etags.answers(200, shown, f"The {one} after the change."),
             openapi.json_body(self._change_name, types=(merge_patch.CONTENT_TYPE, JSON))),
            (REMOVE, "DELETE", at, f"delete_{one}", f"Delete {article} {one}.", {}, {}),
        ):  # fmt: skip
            if verb not in resource.verbs:
                continue
            router.add_api_route(
                resource.path + path,
                getattr(self, f"_{verb}")(),
                methods=[method],
                status_code={MAKE: 201, REMOVE: 204}.get(verb, 200),
                name=getattr(resource.operations, verb) or name,
                description=getattr(resource.about, verb) or title,
                responses=answers,
                openapi_extra=extra,
                response_model=None,
            )

    # ------------------------------------------------------------ the verbs

    def _make(self) -> Any:
        resource = self._resource

        async def judge(request: Request, caller: Principal) -> None:
            await resource.made(structs.read(self._decode_new, request.scope[SCOPE_KEY].body), caller)

        caller_of = Depends(Requires(resource.scope, judge))

        async def create(
            request: Request, caller: Principal = caller_of, idempotency_key: _IdempotencyKey = None
        ) -> Response:
            call: Call = request.scope[SCOPE_KEY]
            body = structs.read(self._decode_new, call.body)
            keyed = self._keyed(call, caller, body)
            first = None if keyed is None else await keyed.replay()
            if first is not None:
                return response_of(first)
            made = await resource.made(body, caller)
            (view,) = await resource.views([made.row], caller)
            guards = []
            if keyed is not None:
                kept = self._shown(made.row, view, {})
                guards.append(keyed.keeps(kept, resource.rows.table.key_of(made.row)))
            by = by_of(call, caller)
            also = [write for rows, row in made.also for write in rows.inserting(row, by=by)]
            try:
                await resource.rows.add(
                    made.row,
                    by=by,
                    keys=made.keys if keyed is None else (*made.keys, keyed.lock),
                    guards=guards,
                    writes=(*made.writes, *also),
                )
            except Lost:
                first = None if keyed is None else await keyed.replay()
                if first is None:
                    raise
                return response_of(first)
            return response_of(self._shown(made.row, view, made.secrets))

        return create

    def _list(self) -> Any:
        resource = self._resource
        caller_of = Depends(Requires(resource.reads or resource.scope))

        async def list_all(query: Any, caller: Principal = caller_of) -> Response:
            rows, next_ = await resource.page(caller, query)
            return json_answer(page_answer(await resource.views(rows, caller), next_))

        list_all.__annotations__["query"] = Annotated[resource.query, Query()]
        return list_all

    def _get(self) -> Any:
        resource = self._resource
        caller_of = Depends(Requires(resource.reads or resource.scope))

        async def get(caller: Principal = caller_of, *, key: str) -> Response:
            return await self._answer(await resource.find(caller, key), caller)

        return self._with_key(get)

    def _change(self) -> Any:
        resource = self._resource

        async def judge(request: Request, caller: Principal) -> None:
            patch = merge_patch.read(request.scope[SCOPE_KEY].body)
            row = await resource.find(caller, request.path_params[resource.key])
            await self._changed(row, patch, caller)

        caller_of = Depends(Requires(resource.scope, judge))

        async def change(
            request: Request, caller: Principal = caller_of, if_match: IfMatch = None, *, key: str
        ) -> Response:
            call: Call = request.scope[SCOPE_KEY]
            patch = merge_patch.read(call.body)

            async def changed() -> Any:
                row = await resource.find(caller, key)
                self._check_version(if_match, row)
                made = await self._changed(row, patch, caller)
                if resource.rows.table.same(row, made.row) and not made.writes:
                    return row
                return await resource.save(row, made, by_of(call, caller))

            return await self._answer(await again(changed), caller)

        return self._with_key(change)

    def _remove(self) -> Any:
        resource = self._resource
        caller_of = Depends(Requires(resource.scope))

        async def remove(
            request: Request, caller: Principal = caller_of, if_match: IfMatch = None, *, key: str
        ) -> Response:
            call: Call = request.scope[SCOPE_KEY]

            async def removed() -> None:
                row = await resource.find(caller, key)
                self._check_version(if_match, row)
                await resource.remove(row, caller, by_of(call, caller))

            await again(removed)
            return empty_answer()

        return self._with_key(remove)

    # ------------------------------------------------------------ helpers

    async def _changed(self, row: R, patch: dict[str, Any], caller: Principal) -> Changed:
        return await self._resource.changed(
            row, self._patch.apply(self._resource.fields_of(row), patch), patch, caller
        )

    def _with_key(self, endpoint: Any) -> Any:
        """The endpoint, with `key` bound to the last part of the path."""
        resource, named = self._resource, self._resource.rows.table.named
        about = f"The id of the {resource.one.replace('_', ' ')}, or its `{named}`." if named else None
        endpoint.__annotations__["key"] = Annotated[str, Path(alias=resource.key, description=about)]
        return endpoint

    async def _answer(self, row: R, caller: Principal) -> Response:
        (view,) = await self._resource.views([row], caller)
        return response_of(Answer(200, msgspec.json.encode(view), headers=self._headers(row)))

    def _shown(self, row: R, view: V, secrets: Mapping[str, object]) -> Answer:
        shown: structs.Answer = view
        if self._resource.shown_once is not None:
            shown = self._resource.shown_once(**msgspec.structs.asdict(view), **secrets)
        return Answer(201, msgspec.json.encode(shown), headers=self._headers(row))

    def _headers(self, row: R) -> tuple[tuple[bytes, bytes], ...]:
        table = self._resource.rows.table
        return ((b"etag", etags.of(table.version_of(row)).encode()),) if table.versioned else ()

    def _check_version(self, if_match: str | None, row: R) -> None:
        check_version(self._resource, if_match, row)

    def _keyed(self, call: Call, caller: Principal, body: N) -> KeyedRequest | None:
        if self._idempotency is None:
            return None
        endpoint = f"POST {self._resource.path}"
        canonical = msgspec.json.encode(body, order="sorted")
        return self._idempotency.of(call, caller.tenant, endpoint, canonical)


_IdempotencyKey = Annotated[
    str | None,
    Header(
        description="1 to 255 characters. For 24 hours, a repeated request with the same key creates nothing "
        "and gets the first answer again, without its secrets."
    ),
]


def check_version(resource: Resource[R, N, F, V], if_match: str | None, row: R) -> None:
    """Raise Problem `precondition_failed` unless `If-Match` names the row's version. For further routes of a
    resource, which do something with a row as it was read."""
    etags.check(etags.versions_of(if_match), resource.rows.table.version_of(row), resource.one)
