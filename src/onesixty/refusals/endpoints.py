"""`GET /v1/refusals`: what was refused lately, for whoever is asked why a message did not go out."""

from __future__ import annotations

from collections.abc import Container
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from onesixty import numbers
from onesixty.accounts.reach import AccountQuery, account_for
from onesixty.core import ids
from onesixty.core.errors import CATALOGUE, Problem
from onesixty.core.tenant import Tenant
from onesixty.http import moments
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.paging import page_answer
from onesixty.http.scopes import Principal
from onesixty.refusals.refusal import view
from onesixty.refusals.service import Filters, Refusals

SCOPE: Final = "messages:read"

Reader = Annotated[Principal, Depends(Requires(SCOPE))]
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class RefusalQuery(AccountQuery):
    """`?to=+15551234567&code=no_route`."""

    kind = ids.REFUSAL

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
    to: Annotated[str | None, Field(max_length=200, description="Only to this number, in any notation.")] = (
        None
    )
    request_id: Annotated[str | None, Field(max_length=200, description="Only refusals of this request.")] = (
        None
    )
    created_after: Annotated[str | None, Field(max_length=40, description="RFC 3339; inclusive.")] = None
    created_before: Annotated[str | None, Field(max_length=40, description="RFC 3339; exclusive.")] = None


class RefusalView(BaseModel):
    """A refusal."""

    id: str
    created_at: Time
    account_id: str
    mode: Literal["live", "test"]
    door: Annotated[str, Field(description="The door: `v1` is this API, `smpp` the SMPP server.")]
    operation: Annotated[str, Field(description="The operation: `POST /v1/sms/send`, `submit_sm`.")]
    request_id: Annotated[
        str,
        Field(description="The `X-Request-Id`; over SMPP, the bind id and the sequence_number."),
    ]
    caller: Annotated[str, Field(description="The id of the key or of the SMPP credential.")]
    answer: Annotated[
        str, Field(description="The answer to the caller: an HTTP status, or a command_status by name.")
    ]
    code: Annotated[str, Field(description="An error code of the catalogue.")]
    title: str
    retryable: bool
    param: Annotated[str | None, Field(description="The field at fault, as the caller named it.")]
    rule: Annotated[str, Field(description="The validation step that refused the request.")]
    detail: Annotated[str | None, Field(description="What was wrong; null once redacted.")]
    sender: Annotated[str | None, Field(alias="from")]
    to: Annotated[str | None, Field(description="Null if it could not be read, and once redacted.")]
    count: Annotated[
        int,
        Field(
            description="How many refusals this entry stands for: more than 1 if there were too many to keep "
            "each."
        ),
    ]
    redacted_at: Time | None


class RefusalList(BaseModel):
    """A page of refusals."""

    data: list[RefusalView]
    next: Annotated[str | None, Field(description="The `after` of the next page; null on the last page.")]


def refusal_routes(refusals: Refusals, accounts: Container[str]) -> APIRouter:
    """The route, for keys that may read messages."""
    router = APIRouter(prefix="/v1", tags=["messages"])

    @router.get("/refusals", response_model=RefusalList)
    async def list_refusals(caller: Reader, query: Annotated[RefusalQuery, Query()]) -> Response:
        """List recent refusals, newest first.

        Sends, batches and SMPP submissions that were not accepted, with the field at fault and the reason. Refusals
        appear about one second after the answer. Reading other accounts needs the scope `accounts`.
        """
        account_id = account_for(caller, query.account_id, accounts, "invalid_parameter")
        tenant = Tenant(account_id, _test(caller, query))
        found, next_ = await refusals.find(tenant, _filters(query), query.limit, query.after)
        return json_answer(page_answer([view(one) for one in found], next_))

    return router


def _test(caller: Principal, query: RefusalQuery) -> bool:
    if query.mode is None:
        return caller.test
    if caller.test and query.mode == "live":
        raise Problem("wrong_mode", "A test key can read only test traffic.", param="mode")
    return query.mode == "test"


def _filters(query: RefusalQuery) -> Filters:
    if query.code is not None and query.code not in CATALOGUE:
        raise Problem("invalid_parameter", f"Unknown error code `{query.code}`.", param="code")
    return Filters(
        code=query.code,
        door=query.door,
        recipient=None if query.to is None else numbers.displayed(query.to),
        request_id=query.request_id,
        created_after=moments.of_query(query.created_after, "created_after"),
        created_before=moments.of_query(query.created_before, "created_before"),
    )
