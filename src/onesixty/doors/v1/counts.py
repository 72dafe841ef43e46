"""`GET /v1/messages/counts`: how many messages pass the filters of the list, by one of their values.

Rules kept here:
- the filters are those of the list, so that each count is that of a list which one can open;
- a call reads a bounded number of messages, newest first. What it left is said: `exact` is false, and `next` goes on.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Query
from msgspec import Meta
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from onesixty.accounts.reach import AnyAccountId, ReachOf
from onesixty.core import times
from onesixty.core.clock import Clock
from onesixty.doors.v1.filters import CURSOR, FilterQuery
from onesixty.http import openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.openapi import Router
from onesixty.http.scopes import Principal
from onesixty.http.structs import Answer, Time
from onesixty.messages.queries import Group, Queries
from onesixty.network.configs import Configs

_ABOUT_GROUP: Final = "What the messages are counted by."


class CountsQuery(FilterQuery):
    """The query of `GET /v1/messages/counts`."""

    group_by: Annotated[Group, Field(description=_ABOUT_GROUP)] = "status"
    account_id: AnyAccountId = None
    after: Annotated[
        str | None,
        Field(
            max_length=100,
            pattern=CURSOR,
            description="The `next` of the previous answer: the counts go on there.",
        ),
    ] = None


class MessageCounts(Answer):
    """Messages by one of their values."""

    group_by: Annotated[Group, Meta(description=_ABOUT_GROUP, examples=["country"])]
    counts: Annotated[
        dict[str, int],
        Meta(
            description="How many messages have each value, the most frequent first. Those without a country, "
            "network or error code are counted under `null`; an empty filter, such as `country=`, lists them.",
            examples=[{"DE": 310, "FR": 42, "null": 3}],
        ),
    ]
    total: Annotated[int, Meta(examples=[355])]
    as_of: Annotated[Time, Meta(description="All that was committed until then is counted.")]
    exact: Annotated[
        bool,
        Meta(
            description="Whether these are all messages that pass the filters. `false`: only a part of them was "
            "read, because there are more than one call reads, or because of `after`.",
            examples=[True],
        ),
    ]
    next: Annotated[
        str | None,
        Meta(
            description="If there were more messages than one call reads: the `after` that goes on; else null."
        ),
    ]


def count_routes(queries: Queries, configs: Configs, clock: Clock, reach_of: ReachOf) -> Router:
    """The route of counts. It must come before `/v1/messages/{id}`."""
    router = Router("messages")
    router.describe(lambda: openapi.of_struct(MessageCounts))

    @router.get("/v1/messages/counts", responses=openapi.answers(200, "MessageCounts", "The counts."))
    async def count_messages(
        request: Request,
        caller: Annotated[Principal, Depends(Requires("messages:read"))],
        query: Annotated[CountsQuery, Query()],
    ) -> Response:
        """Count messages by status, class, country, network, direction or error code.

        The filters are those of the list. One call reads at most 100,000 messages, newest first; if there are more,
        `exact` is false and `next` goes on.
        """
        reach = reach_of(request, caller, query.account_id)
        filters = await query.filters(caller, configs)
        as_of = times.to_text(clock.now_ms())
        found, next_ = await queries.counts(reach, filters, query.after, query.group_by)
        largest_first = sorted(found.items(), key=lambda one: (-one[1], one[0]))
        return json_answer(
            MessageCounts(
                group_by=query.group_by,
                counts={value or "null": count for value, count in largest_first},
                total=sum(found.values()),
                as_of=as_of,
                exact=query.after is None and next_ is None,
                next=next_,
            )
        )

    return router
