"""`POST /v1/sms/batch`: up to 10,000 messages in one call, or one text to as many numbers.

Rules kept here:
- a message that cannot be sent is refused by its place and does not stop the others; 202 means that at
  least one message is on disk;
- a body is read in pieces, and the event loop gets a turn between them;
- with an Idempotency-Key a batch is replayed whole; a repeated request completes a batch that was cut off;
- the answer holds neither texts nor numbers, so that redaction of a message does not concern the key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from copy import copy
from hashlib import sha256
from typing import Annotated, Any, Final

import msgspec
from fastapi import Depends, Header
from starlette.requests import Request
from starlette.responses import Response

from onesixty import numbers as numbers_
from onesixty.channels.sms.orders import SendOrder
from onesixty.core import money, notices
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.doors.v1.batches import batch_view
from onesixty.doors.v1.refusals import Addresses, RefusedSends, written
from onesixty.doors.v1.send import SCOPE, canonical, order_of, read_request
from onesixty.http import openapi, problems
from onesixty.http.auth import Requires
from onesixty.http.call import SCOPE_KEY, Answer, Call
from onesixty.http.idempotency import Idempotency, KeyedRequest
from onesixty.http.openapi import Router
from onesixty.http.scopes import Principal
from onesixty.http.strictness import check_members
from onesixty.http.validation import decode
from onesixty.messages.batches import MOST, Accepted, Batches
from onesixty.templates.sending import Sending

BATCH_PATH: Final = "/v1/sms/batch"
ENDPOINT: Final = f"POST {BATCH_PATH}"
ACCEPTED: Final = 202

#: Requests read before the event loop gets a turn.
_PIECE: Final = 200
#: A value of more bytes than this is long.
_LONG: Final = 100
#: How often a request looks at its key again while another request holds it.
_ROUNDS: Final = 5

_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode
_NUMBERS: Final = msgspec.json.Decoder(list[str]).decode
_ENCODE: Final = msgspec.json.Encoder().encode

#: An order, or the Problem why the row was not understood; and its canonical form.
_Row = tuple[SendOrder | Problem, bytes]


def batch_send_routes(door: BatchDoor) -> Router:
    """The door as a FastAPI route, for the document and for unusual requests."""
    router = Router("messages")

    @router.post(
        BATCH_PATH,
        status_code=ACCEPTED,
        response_model=None,
        responses=openapi.answers(
            ACCEPTED,
            "BatchAccepted",
            "At least one message is accepted; all accepted messages are stored durably.",
        ),
        openapi_extra=openapi.json_body("BatchRequest"),
    )
    async def send_batch(
        request: Request,
        caller: Annotated[Principal, Depends(Requires(SCOPE))],
        idempotency_key: Annotated[
            str | None,
            Header(
                description="1 to 255 characters. For 24 hours, a repeated request with the same key and body "
                "gets the same answer. It also completes a batch that was interrupted."
            ),
        ] = None,
    ) -> Response:
        """Send up to 10,000 messages in one call.

        Take either `messages`, each with the fields of a send, or the fields of one send with a list of numbers in
        `to`. Each message is accepted or refused on its own. 202 means that at least one is accepted; accepted
        messages are stored durably.
        """
        return problems.response_of(await door(request.scope[SCOPE_KEY]))

    return router


class BatchDoor:
    """The handler. Returns an `Answer` or raises `Problem`."""

    def __init__(
        self,
        batches: Batches,
        idempotency: Idempotency,
        public_url: str,
        refused: RefusedSends,
        templates: Sending,
    ) -> None:
        self._batches = batches
        self._templates = templates
        self._idempotency = idempotency
        self._public_url = public_url
        self._refused = refused

    async def __call__(self, call: Call) -> Answer:
        caller = call.caller(SCOPE)
        body = decode(_MEMBERS, call.body, members=False)
        check_members(_outline(call.body, body))
        place = "messages[{}]" if "messages" in body else "to[{}]"
        orders, unread, digest = await _read(
            _messages(body, caller, self._templates)
            if "messages" in body
            else _shared(body, caller, self._templates)
        )
        request = _Request(self._public_url, call, place, orders, unread, self._refused)
        keyed = self._idempotency.of(call, caller.tenant, ENDPOINT, digest)
        if keyed is None:
            accepted = await self._batches.accept(caller.tenant, orders)
            assert accepted is not None
            return await request.answer(accepted)
        return await self._keyed(caller, _Opening(keyed, request), orders)

    async def _keyed(self, caller: Principal, opening: _Opening, orders: list[SendOrder | Problem]) -> Answer:
        tenant = caller.tenant
        for _ in range(_ROUNDS):
            seen = await opening.keyed.look()
            if isinstance(seen, Answer):
                return seen
            if seen is None:
                accepted = await self._batches.accept(tenant, orders, opening)
            else:
                accepted = await self._batches.resume(seen.reference, tenant, orders, opening)
            if accepted is not None:
                assert opening.answer is not None
                return opening.answer
        raise Problem(
            "unavailable",
            "The batch of this Idempotency-Key is still being processed. Retry in a moment.",
            retry_after=1,
        )


class _Request:
    """One call, and how its answer is written."""

    def __init__(
        self,
        public_url: str,
        call: Call,
        place: str,
        orders: list[SendOrder | Problem],
        unread: dict[int, Addresses],
        refused: RefusedSends,
    ) -> None:
        """`unread` has the addresses of messages without an order, by place."""
        self._public_url = public_url
        self._call = call
        self._place = place
        self._orders = orders
        self._unread = unread
        self._refused = refused

    async def answer(self, accepted: Accepted) -> Answer:
        """The answer with the result of each order. It is written in pieces, like the body was read."""
        entries: list[bytes] = []
        refusals: list[dict[str, Any]] = []
        for index, result in enumerate(accepted.results):
            if isinstance(result, Message):
                entries.append(_ENCODE(self._entry(index, result)))
            else:
                refusals.append(self._refusal(index, result))
            if index % _PIECE == _PIECE - 1:
                await asyncio.sleep(0)
        if not entries:
            extra: dict[str, object] = {"batch_id": accepted.batch.id, "refusals": refusals}
            return problems.answer(
                Problem("batch_refused", extra=extra), self._call.request_id, self._public_url
            )
        view = _ENCODE({**msgspec.structs.asdict(batch_view(accepted.batch)), "refusals": refusals})
        return Answer(ACCEPTED, b'%b,"messages":[%b]}' % (view[:-1], b",".join(entries)))

    def _entry(self, index: int, message: Message) -> dict[str, Any]:
        entry = {
            "index": index,
            "message_id": message.id,
            "status": message.status,
            "encoding": message.encoding,
            "segments": message.segments,
            "price": money.to_text(message.price),
            "currency": message.currency,
        }
        order = self._orders[index]
        if isinstance(order, SendOrder) and order.transliterate:
            entry["changes"] = notices.replaced(message.notices)
        if message.notices is not None:
            entry["notices"] = notices.in_brief(message.notices)
        return entry

    def _refusal(self, index: int, problem: Problem) -> dict[str, Any]:
        place, param = self._place.format(index), problem.param
        if self._place.startswith("messages"):
            param = f"{place}.{param}" if param else place
        elif param == "to":
            param = place
        order = self._orders[index]
        addresses = self._unread.get(index, Addresses())
        if isinstance(order, SendOrder):
            addresses = Addresses(order.sender, order.recipient)
        self._refused.message(self._call, problem, addresses, param)
        document = problems.document(problem, "", self._public_url)
        del document["request_id"], document["type"], document["status"]
        return {"index": index, **document, "param": param}


class _Opening:
    """The key of a batch for `Batches`. `answer` is set once the batch was answered."""

    def __init__(self, keyed: KeyedRequest, request: _Request) -> None:
        self.keyed = keyed
        self._request = request
        self.answer: Answer | None = None

    @property
    def lock(self) -> str:
        return self.keyed.lock

    def open(self, reference: str) -> Write:
        return self.keyed.open(reference)

    async def answered(self, accepted: Accepted) -> Write:
        self.answer = await self._request.answer(accepted)
        return self.keyed.close(accepted.batch.id, self.answer)


async def _read(rows: Iterator[_Row]) -> tuple[list[SendOrder | Problem], dict[int, Addresses], bytes]:
    """Read all rows in pieces. Returns the orders, the addresses of rows without an order,
    and the digest of the content."""
    orders: list[SendOrder | Problem] = []
    unread: dict[int, Addresses] = {}
    digest = sha256()
    for order, meaning in rows:
        if isinstance(order, Problem):
            unread[len(orders)] = written(meaning)
        orders.append(order)
        digest.update(b"%d " % len(meaning))
        digest.update(meaning)
        if len(orders) % _PIECE == 0:
            await asyncio.sleep(0)
    return orders, unread, digest.digest()


def _messages(body: dict[str, msgspec.Raw], caller: Principal, templates: Sending) -> Iterator[_Row]:
    for name in body:
        if name != "messages":
            raise Problem(
                "unknown_field",
                f"Unknown field `{name[:200]}`: next to `messages`, a batch takes only its own fields.",
                param=name[:200],
            )
    rows = decode(_LIST, bytes(body["messages"]), members=False, at="messages")
    _check_size(len(rows), "messages")
    for raw in rows:
        try:
            request = read_request(raw)
            yield order_of(request, caller, templates), canonical(request)
        except Problem as problem:
            yield problem, bytes(raw)


def _shared(body: dict[str, msgspec.Raw], caller: Principal, templates: Sending) -> Iterator[_Row]:
    """One text to many numbers: `to` is a list, all other fields are as in a send."""
    if "to" not in body:
        raise Problem("missing_field", "`messages` or `to` is missing.", param="messages")
    numbers = decode(_NUMBERS, bytes(body["to"]), members=False, at="to")
    _check_size(len(numbers), "to")
    request = read_request(_ENCODE({**body, "to": numbers[0]}))
    shared = order_of(request, caller, templates)
    yield shared, canonical(request)
    for number in numbers[1:]:
        if "\x00" in number:
            yield (
                Problem("invalid_field", "`to` must not contain a NUL character.", param="to"),
                number.encode(),
            )
            continue
        order = copy(shared)
        order.recipient = number
        yield order, numbers_.displayed(number).encode()


def _outline(text: bytes, body: dict[str, msgspec.Raw]) -> bytes:
    """The body without its long values, because each message is checked separately."""
    for raw in body.values():
        value = bytes(raw)
        if len(value) > _LONG:
            before, _, after = text.partition(value)
            text = b"%b0%b" % (before, after)
    return text


def _check_size(size: int, name: str) -> None:
    if not 1 <= size <= MOST:
        raise Problem("invalid_field", f"`{name}` must have 1 to {MOST} entries, not {size}.", param=name)
