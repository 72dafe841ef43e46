"""The export of a resource (`http.resource`): its list as a file, with the filters and the answers of the list.

Rules kept here: those of `http.exports`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from onesixty.http.auth import Requires
from onesixty.http.exports import PAGE, Asked, ExportQuery, Table, View, columns_of, documented, export
from onesixty.http.noting import Notes
from onesixty.http.openapi import Router
from onesixty.http.resource import F, N, Resource, V
from onesixty.http.scopes import Principal
from onesixty.store.table import R


def add_export(
    resource: Resource[R, N, F, V],
    query: type[ExportQuery],
    table: Table,
    notes: Notes,
    router: Router,
    about: str = "",
) -> Router:
    """Put the route on a router, before those of the resource: an id must not take its place. `query` has the filters
    of the resource's list. `table` has what everybody sees: callers with its scope in all accounts get all fields of
    the answer. `about` says more in the document."""
    all_columns = table._replace(columns=columns_of(resource.shown))
    caller_of = Depends(Requires(resource.reads or resource.scope))

    async def export_all(request: Request, query: Any, caller: Principal = caller_of) -> Response:
        filters = {name: getattr(query, name) for name in query_fields}

        async def page(after: str | None) -> tuple[Sequence[View], str | None]:
            asked = resource.query.model_construct(**filters, limit=PAGE, after=after)
            rows, next_ = await resource.page(caller, asked)
            return await resource.views(rows, caller), next_

        account_id = filters.get("account_id") or caller.account_id
        columns = all_columns if caller.operates(resource.scope) else table
        return await export(Asked(request, caller, query, account_id), notes, columns, page)

    query_fields = query.model_fields.keys() & resource.query.model_fields.keys() - {"after"}
    export_all.__annotations__["query"] = Annotated[query, Query()]
    title = f"Export {resource.many.replace('_', ' ')}, newest first, as one stream of any length."
    router.add_api_route(
        f"{resource.path}/export",
        export_all,
        name=f"export_{resource.many}",
        description=f"{title}\n\n{about}".strip(),
        response_model=None,
        **documented(table, resource.shown.__name__),
    )
    return router
