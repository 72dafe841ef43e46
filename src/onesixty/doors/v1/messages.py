"""`/v1/messages`: reads, changes, cancels and redacts messages.

This module holds only requests and answers. Callers see the messages of their account and mode; all others are not
found. Operators read those of other accounts by naming the account (`account_id`), which the audit log notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from onesixty.accounts.reach import SCOPE as EVERY_ACCOUNT
from onesixty.accounts.reach import AnyAccountId, AnyAccountQuery, ReachOf
from onesixty.core import ids, notices
from onesixty.core.channel import Channels
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.doors.v1.changes import read_change
from onesixty.doors.v1.filters import CURSOR, OPERATOR, FilterQuery
from onesixty.doors.v1.history import name_all
from onesixty.http import etags, merge_patch, moments, openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.call import SCOPE_KEY
from onesixty.http.etags import IfMatch
from onesixty.http.noting import Notes, noted
from onesixty.http.openapi import Router
from onesixty.http.paging import OrderedQuery, page_answer
from onesixty.http.scopes import Principal
from onesixty.messages.control import Control
from onesixty.messages.edits import Edits
from onesixty.messages.histories import Histories
from onesixty.messages.queries import Place, Queries
from onesixty.network.configs import Configs
from onesixty.templates.sending import Sending

Reader = Annotated[Principal, Depends(Requires("messages:read"))]
Changer = Annotated[Principal, Depends(Requires("messages:send"))]


class ListQuery(AnyAccountQuery, OrderedQuery, FilterQuery):
    """The query of `GET /v1/messages`."""

    kind = ids.MESSAGE

    before: Annotated[
        str | None,
        Field(
            max_length=100,
            pattern=CURSOR,
            description="The `previous` of a page: the page before it.",
        ),
    ] = None
    at: Annotated[
        str | None,
        Field(
            max_length=40,
            description="RFC 3339: begin at this time, with the messages before it, or since it with "
            "`order=oldest`. Unlike `created_before` it hides nothing: `previous` leads to the other side.",
        ),
    ] = None

    @property
    def place(self) -> Place:
        """Where the page is. Raises Problem `invalid_parameter`."""
        said = [name for name in ("after", "before", "at") if getattr(self, name) is not None]
        if len(said) > 1:
            raise Problem(
                "invalid_parameter", f"`{said[0]}` and `{said[1]}` exclude each other.", param=said[1]
            )
        return Place(self.after, self.before, moments.of_query(self.at, "at"))


def message_routes(
    queries: Queries,
    histories: Histories,
    control: Control,
    edits: Edits,
    configs: Configs,
    channels: Channels,
    notes: Notes,
    reach_of: ReachOf,
    templates: Sending,
) -> Router:
    """`/v1/messages` except for sending. `configs` has the names of carriers and routes, for operators."""
    router = Router("messages", "/v1/messages")
    shown = openapi.answers(200, "Message", "The message.")

    async def views(caller: Principal, messages: Sequence[Message]) -> list[dict[str, Any]]:
        found = [channels.view(message) for message in messages]
        if OPERATOR in caller.scopes:
            costs = await queries.costs(messages)
            for view in found:
                view["cost"] = [cost._asdict() for cost in costs.get(view["id"], ())]
        if caller.operates(EVERY_ACCOUNT):
            for view, message in zip(found, messages, strict=True):
                view["account_id"] = message.account_id
        return found

    async def view_of(caller: Principal, message: Message) -> dict[str, Any]:
        (view,) = await views(caller, [message])
        return view

    async def answer_of(caller: Principal, message: Message) -> Response:
        return json_answer(await view_of(caller, message), headers={"etag": etags.of(message.version)})

    @router.get("", responses=openapi.answers(200, "MessageList", "A page of messages."))
    async def list_messages(
        request: Request, caller: Reader, query: Annotated[ListQuery, Query()]
    ) -> Response:
        """List messages, newest first, or oldest first with `order`.

        `next` leads to the page after this one, `previous` to the one before it. A page may be shorter than `limit`
        although more follow, if few messages pass the filters.
        """
        filters = await query.filters(caller, configs)
        filters.oldest_first = query.oldest_first
        found, next_, previous = await queries.page(
            reach_of(request, caller, query.account_id), filters, query.limit, query.place
        )
        return json_answer({**page_answer(await views(caller, found), next_), "previous": previous})

    @router.get("/{id}", responses=etags.answers(200, "Message", "The message."))
    async def get_message(
        request: Request,
        caller: Reader,
        id: str,  # noqa: A002
        account_id: Annotated[AnyAccountId, Query()] = None,
    ) -> Response:
        """Get a message."""
        message = await queries.get(reach_of(request, caller, account_id), _known(id))
        if message is None:
            raise _not_found()
        return await answer_of(caller, message)

    @router.get("/{id}/history", responses=openapi.answers(200, "History", "The events of the message."))
    async def get_history(
        request: Request,
        caller: Reader,
        id: str,  # noqa: A002
        account_id: Annotated[AnyAccountId, Query()] = None,
    ) -> Response:
        """Get the history of a message.

        What happened to it, in order, each entry with its time: accepted, priced, what rules told, attempts and
        their outcomes, delivery reports, events, and the deliveries of these to webhooks. The `type` of an entry
        determines its further fields. Routes, carriers, costs and raw codes are shown to operators' keys.
        """
        operator = OPERATOR in caller.scopes
        history = await histories.history(reach_of(request, caller, account_id), _known(id), operator)
        if operator:
            name_all(history, await configs.names())
        return json_answer(history)

    @router.patch(
        "/{id}",
        response_model=None,
        responses=etags.answers(200, "ChangedMessage", "The message after the change."),
        openapi_extra=openapi.json_body("ChangeRequest", types=(merge_patch.CONTENT_TYPE, openapi.JSON)),
    )
    async def change_message(
        request: Request,
        caller: Changer,
        id: str,  # noqa: A002
        if_match: IfMatch = None,
    ) -> Response:
        """Change a waiting message.

        A message that is being sent, held after an unknown outcome or in a final status answers 409 `too_late`. The
        changed message is validated like a send: a rule may defer or hold it, or free a message that it had deferred
        or held. A `message.changed` event is sent to webhooks. The price is that of the changed message. The version
        of a message changes with its status, too.
        """
        versions = etags.versions_of(if_match)
        edit = read_change(request.scope[SCOPE_KEY].body, caller.account_id, templates)
        if edit is None:
            found = await queries.get(caller.tenant, _known(id))
            if found is None:
                raise _not_found()
            etags.check(versions, found.version, "message")
            return await answer_of(caller, found)
        edit.grant = caller.grant
        message = await edits.change(caller.tenant, _known(id), edit, versions)
        view = await view_of(caller, message)
        if edit.transliterate is True:
            view["changes"] = notices.replaced(message.notices)
        return json_answer(view, headers={"etag": etags.of(message.version)})

    @router.post("/{id}/cancel", responses=shown)
    async def cancel_message(caller: Changer, id: str) -> Response:  # noqa: A002
        """Cancel a message that no carrier has taken yet.

        A message that is being sent or in a final status answers 409 `too_late`.
        """
        return json_answer(await view_of(caller, await control.cancel(caller.tenant, _known(id))))

    @router.post("/{id}/redact", responses=shown)
    async def redact_message(request: Request, caller: Changer, id: str) -> Response:  # noqa: A002
        """Remove the text and number of a message in a final status, permanently.

        A message not in a final status answers 409 `not_terminal`.
        """
        also = notes.writes(noted(request, caller, "redacted", "message", _known(id), test=caller.test))
        return json_answer(await view_of(caller, await control.redact(caller.tenant, _known(id), also)))

    return router


def _known(id_: str) -> str:
    """The id, if it has the form of a message id. Raises Problem `not_found`."""
    if not ids.is_id(ids.MESSAGE, id_):
        raise _not_found()
    return id_


def _not_found() -> Problem:
    return Problem("not_found", "Message not found.")
