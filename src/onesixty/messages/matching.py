"""Finds the attempt of a receipt: by the carrier's id in any of its forms, or by the only held message that fits.

Rules kept here (promise 4):
- a receipt is matched on (carrier, id); if ids are reused, the latest attempt wins, and a number that disagrees rules
  out a match by a weaker form;
- a message held because its answer was lost is matched by sender, recipient and time, if exactly one fits;
- it only reads, and only as often as a batch needs: messages sent a moment ago are in memory.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from onesixty.core import outcomes
from onesixty.core.channel import Channels
from onesixty.core.contracts import Acknowledge
from onesixty.core.message import Attempt, Message, attempt_from_row, from_row
from onesixty.messages.receipt_rules import Kept, fits
from onesixty.store.contract import Store

#: How many messages are kept in memory until their receipt arrives.
FRESH: Final = 5_000


class Incoming(msgspec.Struct):
    """A receipt being handled. A `fresh` one is not in the table yet. For a `settled` one, the table already says
    when to look again. `result` is the name under which a waiting receipt is counted once it matches."""

    kept: Kept
    candidates: tuple[str, ...]
    fresh: bool
    acknowledge: Acknowledge | None = None
    attempt: Attempt | None = None
    settled: bool = False
    result: str = "early"


class Matcher:
    """Finds the attempts of receipts."""

    def __init__(self, store: Store, channels: Channels) -> None:
        self._store = store
        self._channels = channels
        self._same_address = channels.each(lambda channel: channel.same_address)
        #: Recent attempts and messages as they are on disk, which saves the look-up for receipts that arrive soon. A
        #: stale entry does no harm: the version in the guard decides, and then the receipt is looked up again.
        self.fresh: OrderedDict[tuple[str, str], tuple[Attempt, Message]] = OrderedDict()

    async def match(self, batch: Sequence[Incoming]) -> dict[str, Message]:
        """Find the attempt of each receipt. Returns the messages of those found, by id."""
        messages: dict[str, Message] = {}
        for incoming in batch:
            incoming.attempt = None
            if incoming.candidates:
                known = self.fresh.pop((incoming.kept.carrier_id, incoming.candidates[0]), None)
                if known is not None and self._agrees(incoming, known[1]) is not False:
                    incoming.attempt, message = known
                    messages[message.id] = message
        for depth in range(max((len(i.candidates) for i in batch), default=0)):
            keys: dict[str, dict[str, list[Incoming]]] = {}
            for incoming in batch:
                if incoming.attempt is None and depth < len(incoming.candidates):
                    of_carrier = keys.setdefault(incoming.kept.carrier_id, {})
                    of_carrier.setdefault(incoming.candidates[depth], []).append(incoming)
            for carrier_id, by_id in keys.items():
                await self._match_ids(carrier_id, by_id, depth, messages)
        await self._match_held([i for i in batch if i.attempt is None], messages)
        return messages

    async def _match_ids(
        self, carrier_id: str, by_id: dict[str, list[Incoming]], depth: int, messages: dict[str, Message]
    ) -> None:
        rows = await self._store.fetch("attempts_by_match", carrier_id=carrier_id, match_ids=list(by_id))
        if not rows:
            return
        attempts = [attempt_from_row(row) for row in rows]
        missing = [a.message_id for a in attempts if a.message_id not in messages]
        found = await self._store.fetch("messages_by_id", ids=missing) if missing else []
        messages.update((m.id, m) for m in map(from_row, found))
        # The latest wins, because carriers reuse ids after a while.
        for attempt in sorted(attempts, key=lambda a: a.submitted_at):
            for incoming in by_id[attempt.match_id or ""]:
                message = messages.get(attempt.message_id)
                if message is None:
                    continue
                agrees = self._agrees(incoming, message)
                if agrees is False and (depth > 0 or incoming.attempt is not None):
                    continue
                incoming.attempt = attempt

    async def _match_held(self, left: Sequence[Incoming], messages: dict[str, Message]) -> None:
        """Match a receipt with a message held because its answer was lost, if exactly one fits."""
        by_carrier: dict[str, list[Incoming]] = {}
        for incoming in left:
            if incoming.kept.recipient:
                by_carrier.setdefault(incoming.kept.carrier_id, []).append(incoming)
        for carrier_id, incomings in by_carrier.items():
            recipients = sorted({each for i in incomings for each in self._notations(i.kept.recipient or "")})
            rows = await self._store.fetch("held_unknown", carrier_id=carrier_id, recipients=recipients)
            held = {m.id: m for m in map(from_row, rows)}
            if not held:
                continue
            rows = await self._store.fetch("attempts_of_messages", ids=list(held))
            unknown = [
                a for a in map(attempt_from_row, rows) if a.outcome == outcomes.UNKNOWN and a.segments == 1
            ]
            for incoming in incomings:
                candidates = {a.message_id: a for a in unknown if self._fits(held[a.message_id], a, incoming)}
                if len(candidates) == 1:
                    ((message_id, incoming.attempt),) = candidates.items()
                    messages[message_id] = held[message_id]
                    unknown.remove(incoming.attempt)

    def _agrees(self, incoming: Incoming, message: Message) -> bool | None:
        """Whether the receipt names the recipient of the message; None if it names none."""
        return self._same_address[message.channel](incoming.kept.recipient, message.recipient)

    def _notations(self, written: str) -> list[str]:
        """How the message may have an address that a carrier wrote; its channel is not known yet."""
        return [written, *(channel.kept_address(written) for channel in self._channels)]

    def _fits(self, message: Message, attempt: Attempt, incoming: Incoming) -> bool:
        return fits(self._channels[message.channel], message, attempt, incoming.kept)

    async def attempts_of(
        self, messages: Iterable[Message], by_message: dict[str, list[Incoming]]
    ) -> dict[str, list[Attempt]]:
        """All attempts of messages with several attempts or segments; of others, the attempt of the receipt."""
        several = [
            m.id for m in messages if m.id in by_message and (m.attempts > 1 or is_long(by_message[m.id]))
        ]
        attempts: dict[str, list[Attempt]] = {key: [] for key in by_message}
        if several:
            for row in await self._store.fetch("attempts_of_messages", ids=several):
                attempt = attempt_from_row(row)
                attempts[attempt.message_id].append(attempt)
        for message_id, incomings in by_message.items():
            known = attempts[message_id]
            for incoming in incomings:
                assert incoming.attempt is not None
                key = (incoming.attempt.attempt, incoming.attempt.segment)
                same = next((a for a in known if (a.attempt, a.segment) == key), None)
                if same is None:
                    known.append(incoming.attempt)
                else:
                    incoming.attempt = same
        return attempts


def is_long(incomings: Iterable[Incoming]) -> bool:
    """Whether the message was sent in several segments."""
    return any(i.attempt is not None and i.attempt.segments > 1 for i in incomings)
