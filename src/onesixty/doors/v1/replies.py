"""`POST /v1/messages/{id}/reply`: an answer to an incoming message, from the number that received it.

The reply goes over the number's own carrier if the route has it (`routing`), so that the sender is genuine.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from fastapi import Depends, Header
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from onesixty.channels.sms.orders import SendOrder
from onesixty.core import ids
from onesixty.core.errors import Problem
from onesixty.core.message import INBOUND, Message
from onesixty.doors.v1.refusals import Addresses, RefusedSends
from onesixty.doors.v1.send import ACCEPTED, SCOPE, SendDoor
from onesixty.doors.v1.send_request import MaxSegments, Tag
from onesixty.doors.v1.templated import TemplateName, Variables, apply_template
from onesixty.http import openapi, problems, structs
from onesixty.http.auth import Requires
from onesixty.http.call import SCOPE_KEY, Call
from onesixty.http.openapi import Router
from onesixty.http.scopes import Principal
from onesixty.messages.queries import Queries
from onesixty.templates.sending import Sending

REPLY_PATH: Final = "/v1/messages/{id}/reply"


class ReplyRequest(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename={"class_": "class"}):
    """A reply. Its sender and recipient are the recipient and sender of the incoming message."""

    text: (
        Annotated[
            str,
            Meta(
                description="The text. Required unless `template` is given.",
                examples=["Thank you, we are on our way."],
            ),
        ]
        | None
    ) = None
    template: TemplateName | None = None
    language: (
        Annotated[str, Meta(max_length=12, description="The language of the template's text (BCP 47).")]
        | None
    ) = None
    variables: Variables | None = None
    class_: (
        Annotated[
            Literal["otp", "transactional", "marketing"],
            Meta(description="The purpose of the message. Default: transactional."),
        ]
        | None
    ) = None
    valid_for: (
        Annotated[int, Meta(ge=1, description="Seconds within which it must reach a carrier.")] | None
    ) = None
    encoding: Annotated[
        Literal["auto", "gsm7", "ucs2"],
        Meta(description="`auto` picks the cheapest encoding that keeps every character."),
    ] = "auto"
    transliterate: Annotated[
        bool, Meta(description="Replace characters that GSM-7 lacks by similar ones, if that saves segments.")
    ] = False
    max_segments: MaxSegments | None = None
    reference: Annotated[str, Meta(max_length=255, description="Your own id for the message.")] | None = None
    tags: Annotated[list[Tag], Meta(max_length=10, description="Labels for searching.")] | None = None
    status_callback: (
        Annotated[str, Meta(max_length=2048, description="A URL that gets this message's events.")] | None
    ) = None


_decode = msgspec.json.Decoder(ReplyRequest).decode


def reply_routes(queries: Queries, send: SendDoor, refused: RefusedSends, templates: Sending) -> Router:
    """The route of replies."""
    router = Router("messages")

    @router.post(
        REPLY_PATH,
        status_code=ACCEPTED,
        response_model=None,
        responses=openapi.answers(ACCEPTED, "SentMessage", "The message is accepted and stored durably."),
        openapi_extra=openapi.json_body("ReplyRequest"),
    )
    async def reply_to_message(
        request: Request,
        id: str,  # noqa: A002
        caller: Annotated[Principal, Depends(Requires(SCOPE))],
        idempotency_key: Annotated[
            str | None,
            Header(
                description="As for a send: a repeated request with the same key and body gets the same answer."
            ),
        ] = None,
    ) -> Response:
        """Reply to an incoming message.

        The reply goes from the number that received the message to its sender.
        """
        call: Call = request.scope[SCOPE_KEY]
        addresses = Addresses()
        try:
            reply, order = await read(call, caller, id)
            addresses = Addresses(order.sender, order.recipient)
            return problems.response_of(await send.submit(call, order, f"POST {REPLY_PATH} {id}", reply))
        except Problem as problem:
            refused.request(call, problem, addresses)
            raise

    async def read(call: Call, caller: Principal, id_: str) -> tuple[ReplyRequest, SendOrder]:
        reply = structs.read(_decode, call.body)
        message = await queries.get(caller.tenant, id_) if ids.is_id(ids.MESSAGE, id_) else None
        if message is None:
            raise Problem("not_found", "Message not found.")
        if message.direction != INBOUND:
            raise Problem("invalid_parameter", "You can reply only to incoming messages.", param="id")
        if message.redacted_at is not None:
            raise Problem("too_late", "The message was redacted, so its sender is no longer known.")
        return reply, _order(reply, message, caller, templates)

    return router


def _order(reply: ReplyRequest, message: Message, caller: Principal, templates: Sending) -> SendOrder:
    order = SendOrder(
        tenant=message.tenant,
        sender=message.recipient,
        recipient=message.sender,
        text=reply.text or "",
        valid_for=reply.valid_for,
        class_=reply.class_,
        encoding=reply.encoding,
        transliterate=reply.transliterate,
        max_segments=reply.max_segments,
        reference=reply.reference,
        tags=reply.tags or [],
        status_callback=reply.status_callback,
        grant=caller.grant,
    )
    if any(one is not None for one in (reply.template, reply.language, reply.variables)):
        apply_template(order, reply, templates)
    elif reply.text is None:
        raise Problem("missing_field", "`text` is missing.", param="text")
    return order
