"""`GET /v1/messages/export`: all messages that pass the filters, as a stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from onesixty.accounts.reach import SCOPE as EVERY_ACCOUNT
from onesixty.accounts.reach import ReachOf, ReachQuery
from onesixty.core import ids
from onesixty.core.channel import Channels
from onesixty.doors.v1.filters import OPERATOR, FilterQuery
from onesixty.http.auth import Requires
from onesixty.http.exports import PAGE, Asked, ExportQuery, View, documented, export
from onesixty.http.noting import Notes
from onesixty.http.openapi import Router
from onesixty.http.scopes import Principal
from onesixty.messages.export import MESSAGES, table_for, views
from onesixty.messages.queries import Queries
from onesixty.network.configs import Configs


class MessageExport(ExportQuery, ReachQuery, FilterQuery):
    """The query of an export."""

    kind = ids.MESSAGE


def export_routes(
    queries: Queries,
    configs: Configs,
    channels: Channels,
    notes: Notes,
    reach_of: ReachOf,
) -> Router:
    """The route of exports. It must come before `/v1/messages/{id}`. `configs` has names for operators."""
    router = Router("messages")

    @router.get("/v1/messages/export", **documented(MESSAGES, "Message"))
    async def export_messages(
        request: Request,
        caller: Annotated[Principal, Depends(Requires("messages:read"))],
        query: Annotated[MessageExport, Query()],
    ) -> Response:
        """Export messages, newest first, as one stream of any length.

        For operators, each message names its carrier and route, and its cost.
        """
        reach, filters = reach_of(request, caller, query.account_id), await query.filters(caller, configs)
        names = await configs.names() if OPERATOR in caller.scopes else None
        across = caller.operates(EVERY_ACCOUNT)

        async def page(after: str | None) -> tuple[Sequence[View], str | None]:
            found, next_ = await queries.find(reach, filters, PAGE, after)
            costs = {} if names is None else await queries.costs(found)
            return views(found, channels, names, costs, accounts=across), next_

        table = table_for(operator=names is not None, accounts=across)
        return await export(Asked(request, caller, query, reach.account_id), notes, table, page)

    return router
