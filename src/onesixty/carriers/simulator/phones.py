"""The handsets of one simulated carrier: the messages that reach them, their replies, and how these come in.

Rules kept here:
- a handset's message is cut, encoded and numbered as a phone does it. It comes in part by part through the host,
  like any carrier's; a part that is not acknowledged is repeated, for an hour at most;
- while the link is down parts wait, and come in when it is up again;
- a handset cannot reply to a sender that is a name, as with real phones.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final, NamedTuple

from onesixty import text as text_
from onesixty.core.clock import Clock, Random
from onesixty.core.contracts import CarrierHost, InboundMessage, Submission
from onesixty.simulator.agenda import Agenda
from onesixty.simulator.fixed import ECHO, LONG, LONG_ANSWER, UNSUBSCRIBE, fixed_number
from onesixty.simulator.handsets import Handset, Part, text_of
from onesixty.simulator.sandbox import Sandbox

#: Seconds before a handset replies, and seconds for which its message is offered to a host that refuses it.
REPLY_S: Final = 1.0
PATIENCE_S: Final = 3600.0
#: Parts that may wait to come in. A handset that would send more gets an error that the network is busy.
MOST_WAITING: Final = 10_000

#: A handset that sends one of these is no longer unsubscribed and can be reached again.
_AGAIN: Final = frozenset({"START", "UNSTOP"})


class _Reply(NamedTuple):
    """A scheduled reply of a handset."""

    handset: Handset
    recipient: str
    text: str


class _Coming(NamedTuple):
    """A part of a handset's message that reaches the host at a time of the loop."""

    message: InboundMessage
    until: float


class Phones:
    """The handsets of one simulated carrier, from its start to its stop."""

    def __init__(
        self,
        carrier_id: str,
        host: CarrierHost,
        sandbox: Sandbox,
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        random: Random,
        repeat_s: float,
    ) -> None:
        self._carrier_id = carrier_id
        self._host = host
        self._handsets = sandbox.handsets
        self._loop = loop
        self._clock = clock
        self._random = random
        self._repeat_s = repeat_s
        self._up = False
        self._stopped = False
        self._kept: list[_Coming] = []
        self._replies: Agenda[_Reply] = Agenda(loop, self._reply)
        self._again: Agenda[_Coming] = Agenda(loop, self._hand_in)

    def link_up(self) -> None:
        """Let the parts that waited for the link come in."""
        self._up = True
        kept, self._kept = self._kept, []
        self._hand_in(kept)

    def link_down(self) -> None:
        """From now on, let parts wait."""
        self._up = False

    def stop(self) -> None:
        """Hand over all waiting messages at once, replies included, since they could not come later."""
        self._stopped = self._up = True
        self._reply(self._replies.clear())
        self._hand_in([*self._kept, *self._again.clear()])
        self._kept.clear()

    def arrive(self, submission: Submission, segment: int, now: int) -> None:
        """Put a segment on its handset, which may reply."""
        handset, entry = self._handsets.take(self._carrier_id, submission, segment, now)
        fixed = fixed_number(handset.number)
        if fixed is not None and fixed.reply is not None and entry.complete and not self._stopped:
            text = text_of(entry) if fixed.reply == ECHO else fixed.reply
            self._replies.add(REPLY_S, _Reply(handset, entry.sender, text))

    def send(self, handset: Handset, recipient: str, text: str) -> int:
        """Send a text from a handset, in as many parts as it needs. Returns the number of parts.

        Raises ValueError if a phone could not send it: to a sender that is a name, a text that is too long, a
        busy network.
        """
        parts = self._parts(recipient, text)
        self._come(handset, recipient, text, parts, parts)
        return len(parts)

    def _reply(self, replies: list[_Reply]) -> None:
        for handset, recipient, reply in replies:
            text = {LONG: LONG_ANSWER, UNSUBSCRIBE: "STOP"}.get(reply, reply)
            handset.unsubscribed = handset.unsubscribed or reply == UNSUBSCRIBE
            try:
                parts = self._parts(recipient, text)
            except ValueError:  # usually because the sender is a name, which cannot be answered
                continue
            # A long reply tests reassembly: its last part comes first, and its first part twice.
            order = [*reversed(parts), parts[0]] if reply == LONG else parts
            self._come(handset, recipient, text, parts, order)

    def _parts(self, recipient: str, text: str) -> list[Part]:
        digits = recipient.removeprefix("+")
        if not (digits.isascii() and digits.isdecimal()):
            raise ValueError(f"A phone cannot reply to {recipient!r}: it is a name, not a number.")
        if len(self._kept) + len(self._again) >= MOST_WAITING:
            raise ValueError("The simulated network is busy: too many incoming messages are waiting.")
        try:
            rendering = text_.render(text, reference=self._random.getrandbits(8))
        except text_.TextError as error:
            raise ValueError(f"{error}.") from None
        return [Part(one.udh, one.payload, rendering.data_coding) for one in rendering.segments]

    def _come(
        self, handset: Handset, recipient: str, text: str, parts: list[Part], order: list[Part]
    ) -> None:
        """Schedule a handset's parts to come in, in this `order`."""
        now = self._clock.now_ms()
        if text.strip().upper() in _AGAIN:
            handset.unsubscribed = False
        self._handsets.sent(handset, recipient, parts, now, self._carrier_id)
        until = self._loop.time() + PATIENCE_S
        ids = {part: f"{self._random.getrandbits(63) | 1 << 63:x}" for part in parts}
        self._hand_in(
            [
                _Coming(
                    InboundMessage(
                        carrier_id=self._carrier_id,
                        sender=handset.number,
                        recipient=recipient,
                        payload=part.payload,
                        udh=part.udh,
                        data_coding=part.data_coding,
                        received_at=now,
                        carrier_message_id=ids[part],
                        conversation=handset.owner,
                    ),
                    until,
                )
                for part in order
            ]
        )

    def _hand_in(self, parts: list[_Coming]) -> None:
        if not self._up:
            self._kept.extend(parts)
            return
        for part in parts:
            self._host.inbound(part.message, partial(self._acknowledged, part))

    def _acknowledged(self, part: _Coming, stored: bool) -> None:
        if not stored and not self._stopped and self._loop.time() < part.until:
            self._again.add(self._repeat_s, part)
