"""`GET /v1/refusals`: recent refusals, for support to find out why a message was not sent; and their export."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Annotated, Final, Literal

from fastapi import Depends, Query
from msgspec import Meta
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from onesixty import numbers
from onesixty.accounts.reach import AnyAccountQuery, ReachQuery, accounts_for
from onesixty.core import ids, times
from onesixty.core.errors import CATALOGUE, Problem
from onesixty.core.tenant import Reach
from onesixty.http import moments, openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.bodies import Query as QueryModel
from onesixty.http.exports import (
    PAGE,
    PERSONAL,
    Asked,
    ExportQuery,
    Table,
    View,
    columns_of,
    documented,
    export,
)
from onesixty.http.paging import OrderedQuery, page_answer
from onesixty.http.scopes import Principal
from onesixty.http.structs import Answer, Time, named, shown_fields
from onesixty.refusals.refusal import Refusal
from onesixty.refusals.service import Filters, Refusals
from onesixty.store.notes import Notes

SCOPE: Final = "messages:read"

Reader = Annotated[Principal, Depends(Requires(SCOPE))]


class RefusalFilters(QueryModel):
    """The filters of a list or an export."""

    mode: Annotated[
        Literal["live", "test"] | None,
        Field(
            description="Live or test traffic. Default: the mode of the key; a test key can read only test traffic."
        ),
    ] = None
    code: Annotated[str | None, Field(max_length=50, description="Only refusals with this error code.")] = (
        None
    )
    door: Annotated[
        str | None,
        Field(
            max_length=20,
            pattern=r"^[a-z0-9_]+$",
            description="Only requests over this door: `v1` or `smpp`.",
        ),
    ] = None
    to: Annotated[
        str | None, Field(max_length=200, description="Only to this number, in any notation."), PERSONAL
    ] = None
    request_id: Annotated[str | None, Field(max_length=200, description="Only refusals of this request.")] = (
        None
    )
    created_after: Annotated[str | None, Field(max_length=40, description="RFC 3339; inclusive.")] = None
    created_before: Annotated[str | None, Field(max_length=40, description="RFC 3339; exclusive.")] = None

    def filters(self, *, oldest_first: bool = False) -> Filters:
        """The filters for `service`. Raises Problem `invalid_parameter`."""
        if self.code is not None and self.code not in CATALOGUE:
            raise Problem("invalid_parameter", f"Unknown error code `{self.code}`.", param="code")
        return Filters(
            oldest_first=oldest_first,
            code=self.code,
            door=self.door,
            recipient=None if self.to is None else numbers.displayed(self.to),
            request_id=self.request_id,
            created_after=moments.of_query(self.created_after, "created_after"),
            created_before=moments.of_query(self.created_before, "created_before"),
        )

    def test(self, caller: Principal) -> bool:
        """Whether test traffic is meant. Raises Problem `wrong_mode`."""
        if self.mode is None:
            return caller.test
        if caller.test and self.mode == "live":
            raise Problem("wrong_mode", "A test key can read only test traffic.", param="mode")
        return self.mode == "test"


class RefusalQuery(RefusalFilters, AnyAccountQuery, OrderedQuery):
    """`?to=+15551234567&code=no_route`."""

    kind = ids.REFUSAL


class RefusalExport(ExportQuery, ReachQuery, RefusalFilters):
    """The query of an export."""

    kind = ids.REFUSAL


class RefusalView(Answer, rename={"sender": "from"}):
    """A refusal."""

    id: str
    created_at: Time
    account_id: str
    mode: Literal["live", "test"]
    door: Annotated[str, Meta(description="The door: `v1` is this API, `smpp` the SMPP server.")]
    operation: Annotated[str, Meta(description="The operation: `POST /v1/sms/send`, `submit_sm`.")]
    request_id: Annotated[
        str,
        Meta(description="The `X-Request-Id`; over SMPP, the bind id and the sequence_number."),
    ]
    caller: Annotated[str, Meta(description="The id of the key, user or SMPP credential.")]
    answer: Annotated[
        str, Meta(description="The answer to the caller: an HTTP status, or a command_status by name.")
    ]
    code: Annotated[str, named("ErrorCode")]
    title: str
    retryable: bool
    param: Annotated[str | None, Meta(description="The field at fault, as the caller named it.")]
    rule: Annotated[str, Meta(description="The validation step that refused the request.")]
    detail: Annotated[str | None, Meta(description="What was wrong; null once redacted.")]
    sender: str | None
    to: Annotated[str | None, Meta(description="Null if it could not be read, and once redacted.")]
    count: Annotated[
        int,
        Meta(
            description="How many refusals this entry stands for: more than 1 if there were too many to keep "
            "each."
        ),
    ]
    redacted_at: Time | None


TABLE: Final = Table("refusals", columns_of(RefusalView))


def refusal_routes(refusals: Refusals, accounts: Container[str], notes: Notes) -> openapi.Router:
    """The routes, for keys that may read messages."""
    router = openapi.Router("messages", "/v1")
    router.describe(
        lambda: {
            **openapi.of_struct(RefusalView),
            "RefusalList": openapi.list_of("RefusalView"),
        }
    )

    @router.get("/refusals", responses=openapi.answers(200, "RefusalList", "A page of refusals."))
    async def list_refusals(caller: Reader, query: Annotated[RefusalQuery, Query()]) -> Response:
        """List recent refusals, newest first.

        Sends, batches and SMPP submissions that were not accepted, with the field at fault and the reason. Refusals
        appear about one second after the answer. Reading other accounts needs the scope `accounts`.
        """
        reach = Reach(accounts_for(caller, query.account_id, accounts), query.test(caller))
        filters = query.filters(oldest_first=query.oldest_first)
        found, next_ = await refusals.find(reach, filters, query.limit, query.after)
        return json_answer(page_answer([_view(one) for one in found], next_))

    @router.get("/refusals/export", **documented(TABLE, "RefusalView"))
    async def export_refusals(
        request: Request, caller: Reader, query: Annotated[RefusalExport, Query()]
    ) -> Response:
        """Export refusals, newest first, as one stream of any length."""
        account_id = accounts_for(caller, query.account_id, accounts)
        reach, filters = Reach(account_id, query.test(caller)), query.filters()

        async def page(after: str | None) -> tuple[Sequence[View], str | None]:
            found, next_ = await refusals.find(reach, filters, PAGE, after)
            return [_view(one) for one in found], next_

        return await export(Asked(request, caller, query, account_id), notes, TABLE, page)

    return router


def _view(refusal: Refusal) -> RefusalView:
    kind = CATALOGUE.get(refusal.code)
    return RefusalView(
        created_at=times.to_text(ids.made_at(refusal.id)),
        mode=refusal.tenant.mode,
        title=refusal.code if kind is None else kind.title,
        retryable=kind is not None and kind.retryable,
        to=refusal.recipient,
        **shown_fields(RefusalView, refusal),
    )
