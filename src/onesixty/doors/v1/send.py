"""`POST /v1/sms/send`: one message. It is the hot route: a handler and a struct. The front calls the handler by path,
and it is mounted in FastAPI for the document and as a fallback.

Rules kept here:
- `SendRequest` alone defines the endpoint's input: it validates types and shapes, and the schema in the OpenAPI
  document is made from it. Intake judges the meaning of numbers, senders and texts;
- 202 is answered only for a message that is on disk, with the message object and, beside it,
  `message_id` and `recipient`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC
from typing import Annotated, Final

import msgspec
from fastapi import Depends, Header
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from onesixty import numbers
from onesixty.channels.sms.orders import PlainSend, SendOrder
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.core.orders import Replay
from onesixty.doors.v1.options import apply_options
from onesixty.doors.v1.refusals import Addresses, RefusedSends
from onesixty.doors.v1.send_request import PlainRequest, SendRequest
from onesixty.doors.v1.sent import sent_body
from onesixty.doors.v1.templated import apply_template
from onesixty.http import openapi, problems, structs
from onesixty.http.auth import Requires
from onesixty.http.call import SCOPE_KEY, Answer, Call
from onesixty.http.idempotency import HEADER, Idempotency, KeyedRequest
from onesixty.http.openapi import Router
from onesixty.http.scopes import Principal
from onesixty.messages.intake import Intake
from onesixty.templates.sending import Sending

SEND_PATH: Final = "/v1/sms/send"
SCOPE: Final = "messages:send"
ENDPOINT: Final = f"POST {SEND_PATH}"
ACCEPTED: Final = 202

_DECODE_PLAIN: Final = msgspec.json.Decoder(PlainRequest).decode
_DECODE: Final = msgspec.json.Decoder(SendRequest).decode
_ENCODE: Final = msgspec.json.Encoder().encode
_ENCODE_SORTED: Final = msgspec.json.Encoder(order="sorted").encode


class SendDoor:
    """The handler. Returns an `Answer` or raises `Problem`. `alone` and `together` are those of
    `http.door.Together`."""

    def __init__(
        self,
        intake: Intake,
        idempotency: Idempotency,
        public_url: str,
        refused: RefusedSends,
        templates: Sending,
    ) -> None:
        self._intake = intake
        self._templates = templates
        self._idempotency = idempotency
        self._public_url = public_url
        self._refused = refused

    async def __call__(self, call: Call) -> Answer:
        request, order = _asked(call, self._templates)
        return await self.submit(call, order, ENDPOINT, request)

    def alone(self, call: Call, caller: Principal) -> bool:
        """Whether the call may have to wait: for the first request with its key, or as intake says."""
        return call.header(HEADER) is not None or self._intake.may_wait(caller.account_id, caller.grant)

    async def together(self, calls: Sequence[Call]) -> list[Answer | Exception]:
        """The answers to calls without a key: one commit for all their messages."""
        orders: list[SendOrder | PlainSend | Exception] = []
        for call in calls:
            try:
                orders.append(_plain(call) or _asked(call, self._templates)[1])
            except Exception as error:  # what fails for one call must not fail the others
                orders.append(error)
        accepted = iter(await self._accept([order for order in orders if not isinstance(order, Exception)]))
        answers: list[Answer | Exception] = []
        for order in orders:
            if isinstance(order, Exception):
                answers.append(order)
                continue
            result = next(accepted)
            if isinstance(result, Message):
                changes = isinstance(order, SendOrder) and order.transliterate
                answers.append(Answer(ACCEPTED, sent_body(result, changes=changes)))
            else:
                answers.append(result)
        return answers

    async def _accept(self, orders: Sequence[SendOrder | PlainSend]) -> Sequence[Message | Exception]:
        """One result for each order. An order that fails the batch unexpectedly fails alone."""
        try:
            return await self._intake.accept(orders)
        except Exception as error:
            if len(orders) == 1:
                return [error]
        return [(await self._accept([order]))[0] for order in orders]

    async def submit(self, call: Call, order: SendOrder, endpoint: str, request: msgspec.Struct) -> Answer:
        """Accept an order. An Idempotency-Key belongs to `endpoint` and the content of `request`."""
        keyed = None
        if call.header(HEADER) is not None:
            keyed = self._idempotency.of(call, order.tenant, endpoint, canonical(request))
            order.idempotency = None if keyed is None else KeyedSend(keyed, order)
        result = (await self._intake.accept((order,)))[0]
        if isinstance(result, Message):
            return Answer(ACCEPTED, sent_body(result, changes=order.transliterate))
        if keyed is None:
            if isinstance(result, Problem):
                raise result
            raise RuntimeError("a replay for a request without a key")
        return await self._repeat(call, keyed, result, Addresses(order.sender, order.recipient))

    async def _repeat(
        self, call: Call, keyed: KeyedRequest, result: Problem | Replay, addresses: Addresses
    ) -> Answer:
        """The answer to a request with a key that created no message, because an earlier
        request may have created it."""
        first = await keyed.replay()
        if first is not None:
            return first
        if not isinstance(result, Problem):
            # The request that held the key is gone (its row expired between the guard and this look).
            raise Problem(
                "unavailable",
                "The Idempotency-Key is still in use by another request. Retry in a moment.",
                retry_after=1,
            )
        self._refused.request(call, result, addresses)
        refusal = problems.answer(result, call.request_id, self._public_url)
        return refusal if result.kind.retryable else await keyed.keep(refusal)


def send_routes(door: SendDoor) -> Router:
    """The door as a FastAPI route, for the document and for unusual requests."""
    router = Router("messages")

    @router.post(
        SEND_PATH,
        status_code=ACCEPTED,
        response_model=None,
        responses=openapi.answers(ACCEPTED, "SentMessage", "The message is accepted and stored durably."),
        openapi_extra=openapi.json_body("SendRequest"),
    )
    async def send_message(
        request: Request,
        caller: Annotated[Principal, Depends(Requires(SCOPE))],
        idempotency_key: Annotated[
            str | None,
            Header(
                description="1 to 255 characters. For 24 hours, a repeated request with the same key and body "
                "gets the same answer."
            ),
        ] = None,
    ) -> Response:
        """Send a message.

        202 means that the message is stored durably. Follow it with `GET /v1/messages/{id}` or webhooks.
        """
        return problems.response_of(await door(request.scope[SCOPE_KEY]))

    return router


class KeyedSend:
    """The key of a send in the form that intake needs (`core.orders.Idempotency`).
    Its answer shows the message."""

    __slots__ = ("_keyed", "_order")

    def __init__(self, keyed: KeyedRequest, order: SendOrder) -> None:
        self._keyed = keyed
        self._order = order

    @property
    def lock(self) -> str:
        """The lock that two requests with the same key share."""
        return self._keyed.lock

    def guard(self, message: Message) -> Write:
        """The conditional insert that stores the answer for `message`."""
        return self._keyed.keeps(
            Answer(ACCEPTED, sent_body(message, changes=self._order.transliterate)), message.id
        )


def _plain(call: Call) -> PlainSend | None:
    """What a call asks for, if its body has only the fields of a plain message; None for any other body, and for a
    caller who may not send everything.

    A body in which each of these fields appears once has four quotes for each of them: a repeated field, a quote in a
    value and a null make it another number.
    """
    caller, body = call.caller(SCOPE), call.body
    if caller.grant is not None:
        return None
    try:
        asked = _DECODE_PLAIN(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    members = 3 + (asked.class_ is not None) + (asked.reference is not None)
    if body.count(b'"') != 4 * members or structs.NUL in body:
        return None
    return PlainSend(caller.tenant, asked.sender, asked.to, asked.text, asked.class_, asked.reference)


def _asked(call: Call, templates: Sending) -> tuple[SendRequest, SendOrder]:
    """What a call asks for. Raises Problem."""
    caller = call.caller(SCOPE)
    try:
        request = read_request(call.body)
    except Problem as problem:
        if problem.param == "to" and problem.detail.endswith("not a list."):
            problem.detail += " Use `POST /v1/sms/batch` to send to a list of numbers."
        raise
    return request, order_of(request, caller, templates)


def read_request(body: bytes | msgspec.Raw) -> SendRequest:
    """Decode a request for one message. Raises Problem."""
    return structs.read(_DECODE, bytes(body))


def canonical(request: msgspec.Struct) -> bytes:
    """The content of a request for an Idempotency-Key. Other notations of a number or time zone give the same."""
    if isinstance(request, SendRequest):
        at = request.scheduled_at
        with suppress(OverflowError):  # the first or last possible day: intake refuses it
            at = None if at is None else at.astimezone(UTC)
        request = replace(
            request,
            to=numbers.displayed(request.to),
            sender=None if request.sender is None else numbers.displayed(request.sender),
            scheduled_at=at,
        )
    # The members of objects of the caller's own may come in any order.
    return _ENCODE(request) if getattr(request, "variables", None) is None else _ENCODE_SORTED(request)


def order_of(request: SendRequest, caller: Principal, templates: Sending) -> SendOrder:
    """The order for a request. Raises Problem if its fields contradict each other, or do not fit its template."""
    at = request.scheduled_at
    order = SendOrder(
        tenant=caller.tenant,
        sender=request.sender,
        recipient=request.to,
        text=request.text or "",
        scheduled_at=None if at is None else int(at.timestamp() * 1000),
        valid_for=request.valid_for,
        priority=request.priority,
        class_=request.class_,
        encoding=request.encoding,
        max_segments=request.max_segments,
        reference=request.reference,
        tags=request.tags or [],
        status_callback=request.status_callback,
        on_unknown=request.on_unknown,
        route=request.route,
        language=request.language,
        transliterate=request.transliterate,
        grant=caller.grant,
    )
    if request.template is not None or request.variables is not None:
        apply_template(order, request, templates, binary=request.binary is not None)
    if (
        request.text is None
        or request.flash
        or request.binary is not None
        or request.udh is not None
        or request.destination_port is not None
        or request.source_port is not None
    ):
        apply_options(order, request)
    return order
