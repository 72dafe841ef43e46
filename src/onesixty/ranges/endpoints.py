"""`/v1/number-ranges`: operators import which networks numbers belong to."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.bodies import Body
from onesixty.http.noting import noted
from onesixty.http.openapi import Router
from onesixty.http.paging import PageQuery, cut, page_answer
from onesixty.http.scopes import Principal
from onesixty.ranges.networks import Networks
from onesixty.store.notes import Notes

Operator = Annotated[Principal, Depends(Requires("numbers"))]
Prefix = Annotated[
    str,
    Field(
        pattern=r"^[1-9][0-9]{0,14}$",
        description="The first digits of numbers, without +.",
        examples=["49151"],
    ),
]
Network = Annotated[str, Field(pattern=r"^[0-9]{5,6}$", description="MCC and MNC.", examples=["26201"])]


class Range(Body):
    """Numbers that begin with `prefix` belong to `network`."""

    prefix: Prefix
    network: Network


class RangesBody(Body):
    """Ranges to add or replace."""

    ranges: Annotated[list[Range], Field(max_length=20_000)]
    replace: Annotated[bool, Field(description="Whether to delete all other ranges.")] = False


class RangeView(BaseModel):
    """A range of numbers."""

    prefix: str
    network: str


class RangeList(BaseModel):
    """A page of ranges, in the order of their prefixes."""

    data: list[RangeView]
    next: Annotated[str | None, Field(description="The `after` of the next page; null on the last page.")]


class RangesKept(BaseModel):
    """The number of ranges after the import."""

    count: int


class RangeQuery(PageQuery):
    """The query of `GET /v1/number-ranges`."""

    after: Annotated[
        str | None, Field(pattern="^[0-9]{1,15}$", description="The `next` of the previous page.")
    ] = None
    prefix: Annotated[
        str | None,
        Field(pattern="^[0-9]{1,15}$", description="Only ranges whose prefix begins with these digits."),
    ] = None


def network_routes(networks: Networks, notes: Notes) -> Router:
    """The routes, for keys with the scope `numbers`."""
    router = Router("numbers", "/v1/number-ranges")

    @router.put("", response_model=RangesKept)
    async def put_number_ranges(request: Request, caller: Operator, body: RangesBody) -> Response:
        """Import number ranges and their networks.

        The longest matching prefix decides. A message gets its `network` from it; routes can filter by network and
        alerts count by it. If a prefix appears twice, the last entry counts. With `replace`, all other ranges are
        deleted.
        """
        given = {each.prefix: each.network for each in body.ranges}
        details = {"ranges": len(given), "replace": body.replace}
        also = notes.writes(noted(request, caller, "imported", "number_ranges", details=details))
        return json_answer({"count": await networks.put(given, replace=body.replace, also=also)})

    @router.get("", response_model=RangeList)
    async def list_number_ranges(_: Operator, page: Annotated[RangeQuery, Query()]) -> Response:
        """List number ranges, ordered by prefix."""
        found = networks.list(page.after or "", page.limit + 1, page.prefix or "")
        shown, next_ = cut(found, page.limit, lambda row: row[0])
        return json_answer(page_answer([{"prefix": p, "network": n} for p, n in shown], next_))

    return router
