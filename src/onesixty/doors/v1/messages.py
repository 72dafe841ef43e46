"""`/v1/messages`: reads, changes, cancels and redacts messages.

This module holds only requests and answers. Callers see the messages of their account and
mode; all others are not found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from onesixty import numbers
from onesixty.core import ids, notices
from onesixty.core.channel import Channels
from onesixty.core.errors import CATALOGUE, Problem
from onesixty.core.message import Message
from onesixty.doors.v1.changes import read_change
from onesixty.http import merge_patch, moments, openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.bodies import Query as QueryModel
from onesixty.http.call import SCOPE_KEY
from onesixty.http.paging import PageQuery, page_answer
from onesixty.http.scopes import Principal
from onesixty.messages.control import Control
from onesixty.messages.edits import Edits
from onesixty.messages.queries import Filters, Queries
from onesixty.network.configs import Configs

Reader = Annotated[Principal, Depends(Requires("messages:read"))]
Changer = Annotated[Principal, Depends(Requires("messages:send"))]

Status = Literal[
    "scheduled",
    "queued",
    "held",
    "sent",
    "delivered",
    "undelivered",
    "unconfirmed",
    "failed",
    "expired",
    "canceled",
    "received",
]


class FilterQuery(QueryModel):
    """The filters of a list or an export."""

    status: Annotated[Status | None, Field(description="Only messages with these statuses.")] = None
    held_for: Annotated[
        str | None,
        Field(max_length=50, description="Only messages held for this: `outcome_unknown`, `review`."),
    ] = None
    to: Annotated[str | None, Field(max_length=64, description="The recipient, in any notation.")] = None
    sender: Annotated[
        str | None, Field(max_length=64, alias="from", description="The sender, in any notation.")
    ] = None
    created_after: Annotated[str | None, Field(max_length=40, description="RFC 3339; inclusive.")] = None
    created_before: Annotated[str | None, Field(max_length=40, description="RFC 3339; exclusive.")] = None
    tag: Annotated[str | None, Field(max_length=50)] = None
    reference: Annotated[str | None, Field(max_length=255)] = None
    batch_id: Annotated[str | None, Field(max_length=40)] = None
    campaign_id: Annotated[
        str | None, Field(max_length=40, description="Reserved: matches nothing in this version.")
    ] = None
    direction: Literal["outbound", "inbound"] | None = None
    country: Annotated[
        str | None, Field(pattern="^([A-Za-z]{2}|001)$", description="ISO 3166 country of the recipient.")
    ] = None
    class_: Annotated[Literal["otp", "transactional", "marketing"] | None, Field(alias="class")] = None
    error_code: Annotated[
        str | None, Field(max_length=50, description="Only messages with this error code.")
    ] = None

    def filters(self) -> Filters:
        """The filters for `messages.queries`. Raises Problem `invalid_parameter`."""
        return Filters(
            status=self.status,
            held_for=self.held_for,
            to=None if self.to is None else numbers.displayed(self.to),
            sender=None if self.sender is None else numbers.displayed(self.sender),
            created_after=moments.of_query(self.created_after, "created_after"),
            created_before=moments.of_query(self.created_before, "created_before"),
            tag=self.tag,
            reference=self.reference,
            batch_id=self.batch_id,
            campaign_id=self.campaign_id,
            direction=self.direction,
            country=None if self.country is None else self.country.upper(),
            class_=self.class_,
            error_code=_code("error_code", self.error_code),
        )


class ListQuery(PageQuery, FilterQuery):
    """The query of `GET /v1/messages`."""

    kind = ids.MESSAGE


#: Keys with this scope see carriers, routes, costs and raw codes.
OPERATOR: Final = "carriers"


def message_routes(
    queries: Queries, control: Control, edits: Edits, configs: Configs, channels: Channels
) -> APIRouter:
    """`/v1/messages` except for sending. `configs` has the names of carriers and routes, for operators."""
    router = APIRouter(prefix="/v1/messages", tags=["messages"])
    shown = openapi.answers(200, "Message", "The message.")

    async def views(caller: Principal, messages: Sequence[Message]) -> list[dict[str, Any]]:
        found = [channels.view(message) for message in messages]
        if OPERATOR in caller.scopes:
            costs = await queries.costs(messages)
            for view in found:
                view["cost"] = [cost._asdict() for cost in costs.get(view["id"], ())]
        return found

    async def view_of(caller: Principal, message: Message) -> dict[str, Any]:
        (view,) = await views(caller, [message])
        return view

    @router.get("", responses=openapi.answers(200, "MessageList", "A page of messages."))
    async def list_messages(caller: Reader, query: Annotated[ListQuery, Query()]) -> Response:
        """List messages, newest first."""
        found, next_ = await queries.find(caller.tenant, query.filters(), query.limit, query.after)
        return json_answer(page_answer(await views(caller, found), next_))

    @router.get("/{id}", responses=shown)
    async def get_message(caller: Reader, id: str) -> Response:  # noqa: A002
        """Get a message."""
        message = await queries.get(caller.tenant, _known(id))
        if message is None:
            raise _not_found()
        return json_answer(await view_of(caller, message))

    @router.get("/{id}/history", responses=openapi.answers(200, "History", "The events of the message."))
    async def get_history(caller: Reader, id: str) -> Response:  # noqa: A002
        """Get the history of a message.

        Its events in order, each with its time. Carriers, routes, costs and raw codes are shown to operators' keys.
        """
        operator = OPERATOR in caller.scopes
        history = await queries.history(caller.tenant, _known(id), operator)
        if operator:
            known = await configs.names()
            for entry in (history, *history["data"]):
                for kind in ("carrier", "route"):
                    if id_ := entry.get(f"{kind}_id"):
                        entry[kind] = known.get(id_, id_)
        return json_answer(history)

    @router.patch(
        "/{id}",
        response_model=None,
        responses=openapi.answers(200, "ChangedMessage", "The message after the change."),
        openapi_extra=openapi.json_body("ChangeRequest", types=(merge_patch.CONTENT_TYPE, openapi.JSON)),
    )
    async def change_message(request: Request, caller: Changer, id: str) -> Response:  # noqa: A002
        """Change a waiting message.

        A message that is being sent, held after an unknown outcome or in a final status answers 409 `too_late`. The
        changed message is validated like a send: a rule may defer or hold it, or free a message that it had deferred
        or held. A `message.changed` event is sent to webhooks. The price is that of the changed message.
        """
        edit = read_change(request.scope[SCOPE_KEY].body)
        if edit is None:
            found = await queries.get(caller.tenant, _known(id))
            if found is None:
                raise _not_found()
            return json_answer(await view_of(caller, found))
        message = await edits.change(caller.tenant, _known(id), edit)
        view = await view_of(caller, message)
        if edit.transliterate is True:
            view["changes"] = notices.replaced(message.notices)
        return json_answer(view)

    @router.post("/{id}/cancel", responses=shown)
    async def cancel_message(caller: Changer, id: str) -> Response:  # noqa: A002
        """Cancel a message that no carrier has taken yet.

        A message that is being sent or in a final status answers 409 `too_late`.
        """
        return json_answer(await view_of(caller, await control.cancel(caller.tenant, _known(id))))

    @router.post("/{id}/redact", responses=shown)
    async def redact_message(caller: Changer, id: str) -> Response:  # noqa: A002
        """Remove the text and number of a message in a final status, permanently.

        A message not in a final status answers 409 `not_terminal`.
        """
        return json_answer(await view_of(caller, await control.redact(caller.tenant, _known(id))))

    return router


def _known(id_: str) -> str:
    """The id, if it has the form of a message id. Raises Problem `not_found`."""
    if not ids.is_id(ids.MESSAGE, id_):
        raise _not_found()
    return id_


def _not_found() -> Problem:
    return Problem("not_found", "Message not found.")


def _code(name: str, value: str | None) -> str | None:
    if value is not None and value not in CATALOGUE:
        raise Problem("invalid_parameter", f"Unknown error code `{value[:50]}`.", param=name)
    return value
