"""Incoming messages: on disk before they are acknowledged, joined from their parts, and given to their account.

Rules kept here (docs/how-to/receive-messages.md; promise 4):
- what an address, a part and the content are, the channel of the message says;
- a message from a carrier is committed before it is acknowledged. If it cannot be written it is
  refused, and the carrier keeps it;
- a message that a carrier repeats is stored once. The carrier's id identifies it. Without an id, its content does,
  but only after the first one's link was lost, because then that one may not have been acknowledged. The same words
  twice over one link are two messages, whether in one piece or in parts;
- the parts of a long message are rows until all have arrived. Then one transaction inserts the
  message and deletes the parts;
- if parts do not arrive in time, the others become a message marked incomplete. A part that arrives even later ends
  as an incomplete message too: nothing is dropped;
- a text that repeats covered characters (`core.covered`) is covered before it is written. A part waits sealed
  (`tables`), and a digest of what was said is keyed: nobody can try codes against it;
- a message to a number that no account has is kept in the operator's account, tagged `unassigned`, for operators to
  see. It goes to the webhooks of that account and to no bind: a bind is a customer's.

One task works through the queue, batch by batch. There is no task for each message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
import structlog

from onesixty.accounts import Accounts
from onesixty.core import events, ids, message, statuses
from onesixty.core.channel import Missing
from onesixty.core.contracts import Acknowledge, InboundMessage, IncomingMessage, Write
from onesixty.core.covered import Replies
from onesixty.core.errors import Problem
from onesixty.core.macs import mac
from onesixty.core.message import Message
from onesixty.core.storable import storable
from onesixty.core.tenant import Tenant
from onesixty.inventory.own_numbers import UNASSIGNED, OwnNumbers
from onesixty.kit.context import Context
from onesixty.messages import assembly
from onesixty.messages.assembly import Group, Piece
from onesixty.messages.recorder import Recorder
from onesixty.messages.tables import PARTS, WaitingPart
from onesixty.sealing.keyring import Unopenable, is_sealed
from onesixty.store.units import StoreError, Unit

#: Messages and parts handled at once.
BATCH: Final = 100
#: Seconds until complete parts are joined again after the store could not be read or written.
AGAIN: Final = 1.0
#: How long a carrier's own id identifies a repeat.
SAME_ID_MS: Final = 86_400_000

#: What the instance secret seals parts and keys digests for. A digest has as many octets as one without a key.
_PART: Final = PARTS.purpose("part")
_SEEN: Final = "messages.inbound_seen"
_DIGEST: Final = 16

_encode = msgspec.json.Encoder().encode
#: Only SMS has parts.
_decode = msgspec.json.Decoder(InboundMessage).decode


class _Incoming(msgspec.Struct):
    """One message or part from a carrier, while it is being handled."""

    message: IncomingMessage
    acknowledge: Acknowledge
    place: str | None = None


class _Call(NamedTuple):
    """What one call of a carrier writes: a whole message, or a part of one. `digest` tells a repeat."""

    digest: str
    guard: Write
    whole: Message | None = None
    part: Write | None = None


class Inbound:
    """Takes messages and parts from carriers, and joins parts from their rows."""

    def __init__(
        self,
        node: Context,
        *,
        recorder: Recorder,
        numbers: OwnNumbers,
        accounts: Accounts,
        replies: Replies | None = None,
    ) -> None:
        """`replies` covers what handsets repeat of covered messages."""
        self._replies = replies
        self._store, self._clock, self._ids = node.store, node.clock, node.ids
        self._fault, self._observer, self._keyring = node.fault, node.observer, node.keyring
        self._channels = node.channels.each(lambda channel: channel)
        self._recorder = recorder
        self._numbers = numbers
        self._accounts = accounts
        #: Sessions are named with the lease, because after a restart all sessions are new.
        self._lease = node.lease.id
        #: How long to wait for missing parts, and how long the same content over another session is a repeat.
        self._parts_ms = int(node.settings.inbound_parts_seconds * 1000)
        self._repeat_ms = int(node.settings.inbound_repeat_seconds * 1000)
        #: No carrier could hand over missing parts while no node ran, so the wait for parts restarts now.
        self._since = node.clock.now_ms()
        self._queue: list[_Incoming] = []
        self._task: asyncio.Task[None] | None = None
        self._refusing = False
        self._joining: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger("onesixty.inbound")

    @property
    def idle(self) -> bool:
        """Whether there is no message left to handle."""
        return self._task is None and not self._queue

    def receive(self, inbound: IncomingMessage, acknowledge: Acknowledge) -> None:
        """Take a message, or a part of one. It is acknowledged once it is on disk, and refused (try
        again) if it cannot be written."""
        self._queue.append(_Incoming(inbound, acknowledge))
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._drain())

    async def recover(self) -> None:
        """Join the parts that were complete when a node ended. Called once at start."""
        await self._join([str(row[0]) for row in await self._store.fetch("inbound_places")])

    async def sweep(self, now: int) -> int:
        """Deliver incomplete messages whose time is up. Returns how many places were looked at."""
        places = [str(row[0]) for row in await self._store.fetch("inbound_places_due", now=now)]
        await self._join(places)
        return len(places)

    # ------------------------------------------------------------ taking in

    async def _drain(self) -> None:
        try:
            while self._queue:
                batch, self._queue = self._queue[:BATCH], self._queue[BATCH:]
                try:
                    await self._take(batch)
                except StoreError as error:
                    self._refused(error)
                except Exception:
                    self._log.exception("inbound_failed", count=len(batch))
                for incoming in batch:  # those that have no answer yet
                    self._answer(incoming, False)
        finally:
            self._task = None

    async def _take(self, batch: list[_Incoming]) -> None:
        now = self._clock.now_ms()
        calls: list[_Call] = []
        known = []
        for incoming in batch:
            try:
                calls.append(self._call(incoming, now))
            except Problem as problem:  # this node does not have the channel: the carrier keeps the message
                carrier_id = incoming.message.carrier_id
                self._observer.inbound(carrier_id, "refused")
                self._log.error("inbound_not_read", carrier=carrier_id, reason=problem.detail)
            else:
                known.append(incoming)
        await self._cover([call.whole for call in calls if call.whole is not None])
        units = [self._unit(call) for call in calls]
        self._fault("inbound.before_commit")
        results = await self._store.commit(units)
        self._fault("inbound.after_commit")
        places: dict[str, None] = {}
        for incoming, result in zip(known, results, strict=True):
            carrier_id = incoming.message.carrier_id
            if isinstance(result, StoreError):
                self._observer.inbound(carrier_id, "refused")
                if result.retryable:
                    self._refused(result)
                else:
                    self._log.error("inbound_not_stored", carrier=carrier_id, reason=str(result))
                self._answer(incoming, False)
                continue
            self._refusing = False
            if incoming.place is not None:
                places[incoming.place] = None
            kind = "received" if incoming.place is None else "part"
            self._observer.inbound(carrier_id, kind if result else "repeated")
            self._answer(incoming, True)
        if places:
            await self._join_or_later(list(places))

    async def _cover(self, received: Sequence[Message]) -> None:
        if self._replies is not None and received:
            await self._replies.cover(received)

    def _unit(self, call: _Call) -> Unit:
        if call.whole is not None:
            return self._recorder.acceptance(call.whole, (call.guard,), call.digest, events.RECEIVED)
        assert call.part is not None
        return Unit(keys=(call.digest,), guards=(call.guard,), writes=(call.part,))

    def _call(self, incoming: _Incoming, now: int) -> _Call:
        """What one call writes. Raises Problem if this node does not have its channel."""
        inbound = incoming.message
        channel = self._channels[inbound.channel]
        place = channel.place(inbound)
        between = (inbound.carrier_id, inbound.sender, inbound.recipient)
        identity = channel.identity(inbound)
        seen: tuple[str | bytes, ...] = ("content", *between, *identity)
        known_ms = self._repeat_ms
        if inbound.session:
            inbound.session = f"{self._lease}:{inbound.session}"
        if place is not None:
            incoming.place = assembly.place_key(place, *between)
            seen = ("part", incoming.place, str(place.total), str(place.number), identity[-1])
            known_ms = self._parts_ms
        if inbound.carrier_message_id:
            number = () if place is None else (str(place.number),)
            seen = ("id", inbound.carrier_id, inbound.carrier_message_id, inbound.recipient, *number)
            known_ms = SAME_ID_MS
        session, digest = "", assembly.content_digest(*seen)
        if not inbound.carrier_message_id:
            session = inbound.session
            digest = mac(self._keyring.derive(_SEEN), digest.encode())[:_DIGEST].hex()
        guard: Write = ("inbound_seen", (digest, session, now, now + known_ms))
        if place is None:
            return _Call(digest, guard, whole=self._message([inbound], now))
        assert incoming.place is not None
        id_ = self._ids.new(ids.PART)
        waiting = WaitingPart(
            id=id_, place=incoming.place, total=place.total, number=place.number, digest=digest,
            part=self._keyring.seal(_encode(inbound), _PART, id_), received_at=now, due_at=now + self._parts_ms,
        )  # fmt: skip
        return _Call(digest, guard, part=("inbound_parts_insert", PARTS.values(waiting)))

    def _answer(self, incoming: _Incoming, stored: bool) -> None:
        acknowledge, incoming.acknowledge = incoming.acknowledge, _answered
        try:
            acknowledge(stored)
        except Exception:
            self._log.exception("inbound_acknowledge_failed")

    def _refused(self, error: StoreError) -> None:
        """The store is unavailable, so the carrier keeps its messages and sends them again.
        Log one line for each outage."""
        if not self._refusing:
            self._refusing = True
            self._log.warning("inbound_refused", reason=str(error))

    # ------------------------------------------------------------ joining

    async def _join_or_later(self, places: Sequence[str]) -> None:
        """Join complete messages. If the store is away, try again soon, because the sweep would come much later."""
        try:
            left = await self._join(places)
        except StoreError as error:
            self._refused(error)
            left = list(places)
        if left:
            asyncio.get_running_loop().call_later(AGAIN, self._look_at, left)

    def _look_at(self, places: Sequence[str]) -> None:
        task = asyncio.get_running_loop().create_task(self._join_or_later(places))
        self._joining.add(task)
        task.add_done_callback(self._joining.discard)

    async def _join(self, places: Sequence[str]) -> list[str]:
        """Make messages of the parts of these places that are complete, or whose time is up. Returns the places
        that the store did not take."""
        left: list[str] = []
        for start in range(0, len(places), BATCH):
            now = self._clock.now_ms()
            by_place: dict[str, list[Piece]] = {}
            parts: dict[str, tuple[InboundMessage, int]] = {}
            rows = await self._store.fetch("inbound_parts_of", places=list(places[start : start + BATCH]))
            for row in map(PARTS.read, rows):
                one = await self._opened(row, now)
                if one is None:
                    continue
                session = "" if one.carrier_message_id else one.session
                piece = Piece(row.id, row.total, row.number, row.digest, row.received_at, session)
                by_place.setdefault(row.place, []).append(piece)
                parts[row.id] = (one, row.due_at)
            joined: list[tuple[Message, tuple[Write, ...], str, bool]] = []
            for place, pieces in by_place.items():
                for group in assembly.groups(pieces):
                    in_order = [parts[piece.id] for piece in group.in_order]
                    due_at = max(min(due for _, due in in_order), self._since + self._parts_ms)
                    if not group.complete and due_at > now:
                        continue
                    whole = self._message([part for part, _ in in_order], now, group)
                    guards = tuple(("inbound_parts_delete", (piece.id,)) for piece in group.everything)
                    joined.append((whole, guards, place, group.complete))
            if not joined:
                continue
            await self._cover([whole for whole, *_ in joined])
            self._fault("inbound.before_join")
            results = await self._store.commit(
                [
                    self._recorder.acceptance(whole, guards, place, events.RECEIVED)
                    for whole, guards, place, _ in joined
                ]
            )
            for (whole, _, place, complete), result in zip(joined, results, strict=True):
                carrier_id = whole.carrier_id or ""
                if result is True:
                    self._observer.inbound(carrier_id, "received" if complete else "incomplete")
                elif isinstance(result, StoreError) and result.retryable:
                    left.append(place)
                elif isinstance(result, StoreError):
                    self._log.error("inbound_not_joined", carrier=carrier_id, reason=str(result))
        return left

    async def _opened(self, row: WaitingPart, now: int) -> InboundMessage | None:
        """What waits in a row; None if its secret is gone. The others of its message are then given out without it,
        and the row goes when its time is up."""
        try:
            # a part that an earlier release left is plain
            plain = self._keyring.open(row.part, _PART, row.id) if is_sealed(row.part) else row.part
            return _decode(plain)
        except (Unopenable, msgspec.DecodeError) as error:
            if row.due_at <= now:
                self._log.error("inbound_part_lost", part=row.id, reason=str(error))
                await self._store.commit([Unit((row.id,), writes=(("inbound_parts_delete", (row.id,)),))])
            return None

    def _message(self, parts: Sequence[IncomingMessage], now: int, group: Group | None = None) -> Message:
        """The message made of these parts, which are in order: all of the group, or those that arrived."""
        first = parts[0]
        missing = None
        if group is not None and not group.complete:
            missing = Missing(tuple(sorted(group.pieces)), group.total)
        read = self._channels[first.channel].received(parts, missing)
        tags: list[str] = []
        if first.conversation is not None:
            tenant = first.conversation
        else:
            owner = self._numbers.owner(first.recipient, first.carrier_id, read.words)
            if owner is not None:
                tenant = owner.tenant
            else:
                tenant = Tenant(self._accounts.operator().id, False)
                tags.append(UNASSIGNED)
        return Message(
            id=self._ids.new(ids.MESSAGE),
            account_id=tenant.account_id,
            test=tenant.test,
            direction=message.INBOUND,
            channel=first.channel,
            sender=storable(first.sender),
            recipient=storable(first.recipient),
            text=read.text,
            encoding=read.encoding,
            segments=read.units,
            class_=message.TRANSACTIONAL,
            country=read.country,
            tags=_encode(tags).decode() if tags else None,
            content=read.content,
            currency=self._accounts.currency(tenant.account_id),
            created_at=now,
            expires_at=now,
            status=statuses.RECEIVED,
            sequence=1,
            carrier_id=first.carrier_id,
            done_at=now,
        )


def _answered(_stored: bool) -> None:
    """Replaces an acknowledgement that was already called."""
