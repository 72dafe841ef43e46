"""Long messages that SMPP customers cut: each part is on disk with its own id, then they become one message.

Rules kept here (docs/reference/smpp-for-customers.md):
- a part is committed before its submit_sm is answered; the transaction that creates the message clears its text;
- complete parts become one order for intake: one message for rules, price and webhooks, whose origin names the parts;
- if parts have different headers, each keeps its own, and the message stays cut as the customer cut it;
- parts become a failed message if some do not arrive in time, if they do not form a text, or if intake refuses the
  joined message. Each part then gets its receipt, and the customer can see why;
- a part that is sent again after its message was created belongs to that message, and does not become another one.

One task joins parts. There is no task for each part.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Final

import msgspec
import structlog

from onesixty import text
from onesixty.accounts import Accounts
from onesixty.channels.sms import content
from onesixty.channels.sms.content import Content
from onesixty.channels.sms.orders import SendOrder
from onesixty.channels.sms.parts import Octets, as_text, header_of_part, read, read_strictly
from onesixty.core import events, ids, message, statuses
from onesixty.core.channel import Place
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.core.grant import Grant
from onesixty.core.message import Message
from onesixty.core.orders import Replay
from onesixty.core.tenant import Tenant
from onesixty.customers import short_ids
from onesixty.customers.effect import BindEffect
from onesixty.customers.origin import SmppOrigin, to_memo
from onesixty.kit.context import Context
from onesixty.messages import assembly
from onesixty.messages.assembly import Group, Piece
from onesixty.messages.intake import Intake
from onesixty.messages.recorder import Recorder
from onesixty.store.unanswered import in_time
from onesixty.store.units import Result, StoreError, Unavailable, Unit

#: Places handled at once.
BATCH: Final = 200
#: Seconds until complete parts are joined again after the store or intake could not take them.
AGAIN: Final = 1.0
#: How long a part can be found by its id after its message was created.
KEPT_MS: Final = 10 * 86_400_000
#: How long after a message was created a repeated part is recognized as one of it.
AGAIN_MS: Final = 86_400_000


class CustomerPart(msgspec.Struct, kw_only=True):
    """One submit_sm that is a part: the order of the whole message without its text, and the octets of the part.

    `bits` is the width of the reference, 0 for sar_*; `payload` is without the header `udh`.
    """

    order: SendOrder
    origin: SmppOrigin
    reference: int
    total: int
    number: int
    bits: int
    payload: bytes
    udh: bytes = b""
    data_coding: int = 0
    alphabet_0: str = "gsm7"
    alphabet_1: str = "ascii"


class PartState(msgspec.Struct, frozen=True):
    """The state of a part: the message it is in, or None while other parts are missing."""

    id: str
    account_id: str
    credential_id: str
    place: str
    created_at: int
    message_id: str | None


#: Beyond a limit: the message ends, because the customer was already told that its parts were taken.
_LIMITED: Final = 429

_encode = msgspec.json.Encoder().encode


def _decode(part: str) -> CustomerPart:
    """Decode a part from its row. The order's fields are converted one by one, because some of
    its types exist only in memory."""
    fields = msgspec.json.decode(part)
    order = fields.pop("order")
    if "tenant" in order:
        order["tenant"] = Tenant(*order["tenant"])
    else:  # a row written before `tenant` existed
        order["tenant"] = Tenant(order.pop("account_id"), order.pop("test"))
    if order.get("content") is not None:
        order["content"] = msgspec.convert(order["content"], Content)
    if order.get("binary") is not None:
        order["binary"] = msgspec.convert(order["binary"], bytes)
    fields["origin"] = msgspec.convert(fields["origin"], SmppOrigin)
    fields["payload"] = msgspec.convert(fields["payload"], bytes)
    fields["udh"] = msgspec.convert(fields["udh"], bytes)
    return CustomerPart(order=SendOrder(**order), **fields)


class Parts:
    """Takes the parts of SMPP customers, and joins them to messages."""

    def __init__(
        self,
        node: Context,
        *,
        intake: Intake,
        recorder: Recorder,
        accounts: Accounts,
        binds: BindEffect,
        grant_of: Callable[[str], Grant | None] = lambda credential_id: None,
    ) -> None:
        """`binds` makes the receipts that a customer asked for; `grant_of` says what a credential may send."""
        self._grant_of = grant_of
        self._store, self._clock, self._ids, self._fault = node.store, node.clock, node.ids, node.fault
        self._intake = intake
        self._recorder = recorder
        self._accounts = accounts
        self._binds = binds
        settings = node.settings
        self._max_segments = min(settings.max_segments, settings.max_segments_limit)
        self._max_segments_limit = settings.max_segments_limit
        #: How long to wait for missing parts.
        self._wait_ms = int(settings.smpp_parts_seconds * 1000)
        #: No customer could submit missing parts while no node ran, so the wait for parts restarts now.
        self._since = node.clock.now_ms()
        self._places: dict[str, None] = {}
        self._task: asyncio.Task[None] | None = None
        self._waits_for_store = False
        self._log = structlog.get_logger("onesixty.parts")

    @property
    def idle(self) -> bool:
        """Whether no parts are being joined."""
        return self._task is None

    async def take(self, parts: Sequence[CustomerPart]) -> list[str | Problem]:
        """Store parts. Returns, in their order, the id of each part that is on disk, or the
        Problem why it was refused."""
        now = self._clock.now_ms()
        results: list[str | Problem] = []
        units: list[Unit] = []
        places: list[str] = []
        for part in parts:
            allowed = min(part.order.max_segments or self._max_segments, self._max_segments_limit)
            if part.total > allowed:
                detail = f"The message has {part.total} parts; at most {allowed} are allowed."
                results.append(Problem("text_too_long", detail, param="text", rule="text"))
                continue
            id_, place = self._ids.new(ids.PART), _place_of(part)
            digest = assembly.content_digest(place, str(part.total), str(part.number), part.payload)
            row = (
                id_, part.order.tenant.account_id, part.origin.credential_id, place, part.total, part.number, digest,
                _encode(part).decode(), now, now + self._wait_ms, now + KEPT_MS,
            )  # fmt: skip
            results.append(id_)
            places.append(place)
            guards = (short_ids.guard(part.origin.credential_id, id_, now),) if part.origin.short_id else ()
            units.append(Unit(keys=(id_,), guards=guards, writes=(("smpp_part_insert", row),)))
        if not units:
            return results
        self._fault("parts.before_commit")
        commit = self._store.commit(units)
        commit.add_done_callback(functools.partial(self._taken, places))  # also if the caller hangs up
        known = await in_time(commit)
        committed = iter(commit.result() if known else [Unavailable("not answered")] * len(units))
        self._fault("parts.after_commit")
        for index, result in enumerate(results):
            if isinstance(result, str):
                answer = next(committed)
                if answer is not True:  # the store is away, or another part has the short id
                    results[index] = Problem(
                        "unavailable",
                        "The store is unavailable. Retry in a moment.",
                        retry_after=1,
                        rule="store",
                    )
        return results

    async def state(self, part_id: str) -> PartState | None:
        """The state of a part; None if its id is unknown."""
        rows = await self._store.fetch("smpp_part", id=part_id)
        return PartState(*rows[0]) if rows else None

    async def cancel(self, part_id: str, credential_id: str) -> bool:
        """Cancel a waiting part together with all parts of its message. False if no such part waits."""
        state = await self.state(part_id)
        if state is None or state.credential_id != credential_id or state.message_id is not None:
            return False
        for group, parts in await self._waiting([state.place], state.place):
            if any(piece.id == part_id for piece in group.everything):
                unit = self._ended(group, parts, self._clock.now_ms(), statuses.CANCELED, "canceled")
                return (await self._store.commit([unit]))[0] is True
        return False

    async def recover(self) -> None:
        """Join the parts that were complete when a node ended. Called once at start."""
        await self._join([str(row[0]) for row in await self._store.fetch("smpp_places")])

    async def sweep(self, now: int) -> int:
        """End incomplete messages whose time is up. Returns how many places were looked at."""
        places = [str(row[0]) for row in await self._store.fetch("smpp_places_due", now=now)]
        for start in range(0, len(places), BATCH):
            await self._join(places[start : start + BATCH])
        return len(places)

    # ------------------------------------------------------------ joining

    def _taken(self, places: Sequence[str], done: asyncio.Future[list[Result]]) -> None:
        self._look_at([place for place, result in zip(places, done.result(), strict=True) if result is True])

    def _look_at(self, places: Sequence[str]) -> None:
        self._places.update(dict.fromkeys(places))
        if self._places and self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._drain())

    async def _drain(self) -> None:
        try:
            while self._places:
                places = list(self._places)[:BATCH]
                for place in places:
                    del self._places[place]
                try:
                    left = await self._join(places)
                    self._waits_for_store = False
                except StoreError as error:
                    left = places
                    if not self._waits_for_store:
                        self._log.warning("parts_wait_for_store", reason=str(error))
                    self._waits_for_store = True
                if left:  # complete messages do not wait for the sweep
                    asyncio.get_running_loop().call_later(AGAIN, self._look_at, left)
        except Exception:
            self._log.exception("parts_failed")
        finally:
            self._task = None

    async def _waiting(
        self, places: Sequence[str], only: str | None = None
    ) -> list[tuple[Group, dict[str, CustomerPart]]]:
        """The groups of parts that wait in these places, oldest first, each with its parts by their id."""
        by_place: dict[str, list[Piece]] = {}
        parts: dict[str, CustomerPart] = {}
        for row in await self._store.fetch("smpp_parts_of", places=list(places)):
            id_, place, total, number, digest, part, created_at, _ = row
            by_place.setdefault(place, []).append(Piece(id_, total, number, digest, created_at))
            parts[id_] = _decode(part)
        return [(group, parts) for pieces in by_place.values() for group in assembly.groups(pieces)]

    async def _join(self, places: Sequence[str]) -> list[str]:
        """Order the messages whose parts are complete, and end those whose time is up. Returns the places whose
        messages intake will take later."""
        now = self._clock.now_ms()
        complete: list[tuple[Group, dict[str, CustomerPart]]] = []
        units: list[Unit] = []
        left: list[str] = []
        orders: list[SendOrder] = []
        for group, parts in await self._waiting(places):
            if group.complete:
                try:
                    order = _order(group, parts, now)
                    order.grant = self._grant_of(parts[group.in_order[0].id].origin.credential_id)
                    orders.append(order)
                except text.Undecodable:
                    units.append(self._ended(group, parts, now, statuses.FAILED, "not_decodable"))
                else:
                    complete.append((group, parts))
            elif max(group.since, self._since) + self._wait_ms <= now:
                again = await self._again(_place_of(parts[group.in_order[0].id]), group, now)
                units.append(again or self._ended(group, parts, now, statuses.FAILED, "parts_missing"))
        if complete:
            self._fault("parts.before_join")
            for (group, parts), result in zip(complete, await self._intake.accept(orders), strict=True):
                if isinstance(result, Problem) and result.kind.retryable and result.kind.status != _LIMITED:
                    left.append(_place_of(parts[group.in_order[0].id]))
                elif isinstance(result, Problem):
                    units.append(self._ended(group, parts, now, statuses.FAILED, result.code))
                elif isinstance(result, Replay):
                    self._log.debug("parts_joined_elsewhere", count=len(group.pieces))
        ended = await self._store.commit(units)
        if any(isinstance(one, StoreError) and one.retryable for one in ended):
            return list(places)
        return left

    async def _again(self, place: str, group: Group, now: int) -> Unit | None:
        """The unit that adds repeated parts to the message that they belong to; None if there is no such message.

        The customer knows the repeated parts by new ids, so they get their own receipts once the message has ended.
        """
        known: dict[tuple[int, int, str], str] = {}
        rows = await self._store.fetch("smpp_parts_joined", places=[place], since=now - AGAIN_MS)
        for number, total, digest, message_id in rows:
            known[total, number, digest] = message_id
        of_message = {known.get((piece.total, piece.number, piece.digest)) for piece in group.everything}
        message_id = of_message.pop()
        if of_message or message_id is None:
            return None
        (row,) = await self._store.fetch("messages_by_id", ids=[message_id])
        made = message.from_row(row)
        pieces = group.everything
        if not message.is_final(made):
            later = now + self._wait_ms
            return Unit(keys=(place,), writes=tuple(("smpp_part_later", (p.id, later)) for p in pieces))
        receipts = tuple(self._binds.receipts_of(made, [piece.id for piece in pieces], now))
        return Unit(keys=(place,), guards=_guards(group, message_id), writes=receipts)

    def _ended(self, group: Group, parts: dict[str, CustomerPart], now: int, status: str, code: str) -> Unit:
        """The unit of a message that ends before it reaches a carrier. It has the parts
        that arrived, and the reason."""
        order = _order(group, parts, now, strict=False)
        extra = order.content or Content()
        if not group.complete:
            extra = msgspec.structs.replace(extra, parts=tuple(sorted(group.pieces)), total=group.total)
        binary = order.binary is not None
        ended = Message(
            id=self._ids.new(ids.MESSAGE),
            account_id=order.tenant.account_id,
            test=order.tenant.test,
            sender=order.sender or "",
            recipient=order.recipient,
            text=as_text(order.binary) if order.binary is not None else order.text,
            encoding=content.BINARY if binary else "ucs2" if order.encoding == "ucs2" else "gsm7",
            segments=len(group.pieces),
            class_=order.class_ or message.TRANSACTIONAL,
            priority=order.priority,
            reference=order.reference,
            content=content.to_text(extra),
            origin=order.origin,
            currency=self._accounts.currency(order.tenant.account_id),
            created_at=now,
            expires_at=now,
            status=status,
            sequence=1,
            error_code=code,
            done_at=now,
        )
        return self._recorder.acceptance(ended, _guards(group, ended.id), None, events.of_status(status))


def _place_of(part: CustomerPart) -> str:
    place = Place(part.reference, part.total, part.number, part.bits)
    order = part.order
    return assembly.place_key(place, part.origin.credential_id, order.sender or "", order.recipient)


def _guards(group: Group, message_id: str) -> tuple[Write, ...]:
    return tuple(("smpp_part_join", (piece.id, message_id)) for piece in group.everything)


def _order(group: Group, parts: dict[str, CustomerPart], now: int, *, strict: bool = True) -> SendOrder:
    """The order made of the parts of a group, in their order. Raises `text.Undecodable` if they do not form a text.
    With `strict` False, for a message that is never sent, it never raises."""
    in_order = [parts[piece.id] for piece in group.in_order]
    first = in_order[0]
    octets = [Octets(part.payload, part.udh, part.data_coding) for part in in_order]
    whole = (read_strictly if strict else read)(octets, first.alphabet_0, first.alphabet_1)
    extra = first.order.content or Content()
    extra = msgspec.structs.replace(extra, flash=extra.flash or whole.flash, udh=extra.udh or whole.udh)
    beside = [part.order.content.udh if part.order.content else None for part in in_order]
    kept = strict and any(header != beside[0] for header in beside)
    if kept:
        headers = tuple(map(header_of_part, octets, beside))
        cuts = tuple(accumulate(whole.lengths))
        extra = msgspec.structs.replace(extra, udh=None, headers=headers, cuts=cuts)
    scheduled_at = first.order.scheduled_at
    return msgspec.structs.replace(
        first.order,
        text=whole.text,
        binary=whole.binary,
        encoding=whole.encoding or first.order.encoding,
        language="auto" if whole.shifted and not kept else first.order.language,
        content=None if extra == Content() else extra,
        scheduled_at=scheduled_at if scheduled_at is None or scheduled_at > now else None,
        origin=to_memo(_origin(group, parts)),
        guards=lambda made: _guards(group, made.id),
    )


def _origin(group: Group, parts: dict[str, CustomerPart]) -> SmppOrigin:
    """The origin of the whole message. If the customer asked for receipts of some parts only, only those get one."""
    everything = [(piece.id, parts[piece.id].origin) for piece in group.everything]
    asked = [origin.registered_delivery for _, origin in everything if origin.registered_delivery]
    return msgspec.structs.replace(
        everything[0][1],
        registered_delivery=asked[-1] if asked else 0,
        parts=tuple(id_ for id_, _ in everything),
        silent=tuple(id_ for id_, origin in everything if asked and not origin.registered_delivery),
    )
