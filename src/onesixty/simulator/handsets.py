"""The handsets behind simulated carriers: the messages on each, as its owner would read them.

Rules kept here:
- a handset belongs to one tenant; other tenants do not see its messages, even if they send to the same number;
- memory is bounded three times: by handsets, by messages on each, and by messages on all. What goes first is what is
  oldest on the handset that nobody used for the longest time;
- the octets that crossed the link are stored. They are joined and decoded when a handset is read, as a phone
  does it: by the header of each part, never by what the platform knows of the message.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable
from typing import Final

import msgspec

from onesixty import text as text_
from onesixty.channels.sms.rendering import Segments
from onesixty.core.contracts import Submission
from onesixty.core.tenant import Tenant
from onesixty.simulator.networks import Operator, operator_of

#: How many handsets are kept. A load test over more numbers keeps those that it used last.
MOST_HANDSETS: Final = 1_000
#: How many messages are kept on each: a day of tests with one phone, in ten pages.
MOST_MESSAGES: Final = 500
#: How many messages are kept on all handsets together: some 30 MB if they are short, however they are spread.
MOST_KEPT: Final = 50_000

RECEIVED: Final = "received"
SENT: Final = "sent"


class Part(msgspec.Struct, frozen=True):
    """One part as it crossed the link: user data header (empty: none), the octets after it, data_coding."""

    udh: bytes
    payload: bytes
    data_coding: int


class Entry(msgspec.Struct):
    """A message that a handset received or sent: its parts so far, of `total`. `at` in epoch ms. `sequence` counts
    the entries of all handsets."""

    sequence: int
    direction: str
    sender: str
    recipient: str
    at: int
    carrier_id: str
    total: int
    message_id: str | None = None
    attempt: int = 0
    parts: list[Part] = []

    @property
    def complete(self) -> bool:
        """Whether all parts are there."""
        return len(self.parts) >= self.total


class Shown(msgspec.Struct):
    """A message as the handset shows it. `complete` is False while parts are missing; `text` joins those that are
    there. `message_id` and `carrier_id` are what the platform knows of it."""

    sequence: int
    direction: str
    sender: str
    recipient: str
    text: str
    encoding: str
    flash: bool
    at: int
    parts: int
    total: int
    complete: bool
    carrier_id: str
    message_id: str | None


class Joined(msgspec.Struct):
    """The parts of one message by number, of `total`. Its `entry` is that of the part which came first; `at` is when
    the latest part came."""

    entry: Entry
    parts: dict[int, Part]
    total: int
    at: int

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands among other messages; later ones have a greater place."""
        return self.at, self.entry.sequence

    @property
    def complete(self) -> bool:
        """Whether all parts are there."""
        return len(self.parts) == self.total

    def shown(self) -> Shown:
        """The message with its text, decoded."""
        entry, pieces = self.entry, [self.parts[number] for number in sorted(self.parts)]
        data_coding = pieces[0].data_coding
        return Shown(
            sequence=entry.sequence,
            direction=entry.direction,
            sender=entry.sender,
            recipient=entry.recipient,
            text=read(pieces),
            encoding=_encoding(data_coding),
            flash=is_flash(data_coding),
            at=self.at,
            parts=len(pieces),
            total=self.total,
            complete=self.complete,
            carrier_id=entry.carrier_id,
            message_id=entry.message_id,
        )


class Handset(msgspec.Struct):
    """One handset. `carrier_id` is the carrier that last reached it or that it last wrote over."""

    owner: Tenant
    number: str
    country: str | None
    entries: deque[Entry]
    carrier_id: str | None = None
    unsubscribed: bool = False

    @property
    def network(self) -> Operator:
        """The operator of its number."""
        return operator_of(self.country, self.number)

    @property
    def last_at(self) -> int:
        """When the handset last received or sent something, in epoch ms; 0 for never."""
        return self.entries[-1].at if self.entries else 0

    def joined(self) -> list[Joined]:
        """Its messages in the order in which they began."""
        return _joined(self.entries)

    def messages(self) -> list[Shown]:
        """The same as it shows them."""
        return [one.shown() for one in self.joined()]


class Handsets:
    """All handsets of one node."""

    def __init__(
        self,
        most_handsets: int = MOST_HANDSETS,
        most_messages: int = MOST_MESSAGES,
        most_kept: int = MOST_KEPT,
    ) -> None:
        self._most_handsets = most_handsets
        self._most_messages = most_messages
        self._most_kept = most_kept
        self._kept = 0
        self._sequence = 0
        self._handsets: OrderedDict[tuple[Tenant, str], Handset] = OrderedDict()

    def __len__(self) -> int:
        return len(self._handsets)

    def take(self, carrier_id: str, submission: Submission, segment: int, now: int) -> tuple[Handset, Entry]:
        """Put an arriving segment on its handset. Returns the handset and the entry of the message."""
        message, rendered = submission.message, submission.rendered
        assert isinstance(rendered, Segments)
        handset = self._used(message.tenant, message.recipient, message.country)
        total = rendered.units
        entry = self._open(handset, message.id, submission.attempt) if total > 1 else None
        if entry is None:
            entry = self._add(
                handset, RECEIVED, rendered.sender, message.recipient, now, carrier_id, total, message.id,
                submission.attempt,
            )  # fmt: skip
        else:
            entry.at = now
        handset.carrier_id = carrier_id
        entry.parts.append(Part(rendered.udhs[segment], rendered.payloads[segment], rendered.data_coding))
        return handset, entry

    def sent(self, handset: Handset, recipient: str, parts: list[Part], now: int, carrier_id: str) -> None:
        """Record a message that the handset sent."""
        handset = self._used(handset.owner, handset.number, handset.country)
        handset.carrier_id = carrier_id
        entry = self._add(handset, SENT, handset.number, recipient, now, carrier_id, len(parts), None, 0)
        entry.parts += parts

    def find(self, owner: Tenant, number: str) -> Handset | None:
        """Return the handset of a number, or None if it never received or sent anything."""
        return self._handsets.get((owner, number))

    def get(self, owner: Tenant, number: str, country: str | None) -> Handset:
        """Return the handset of a number; create it if there is none yet."""
        return self._used(owner, number, country)

    def every(self, owner: Tenant | None = None) -> list[Handset]:
        """Return all handsets, of one owner or of all, the most recently used first."""
        found = reversed(self._handsets.values())
        return [handset for handset in found if owner is None or handset.owner == owner]

    def forget(self, message_id: str) -> None:
        """Remove a redacted message: the handset shows it no longer."""
        for handset in self._handsets.values():
            self._keep(handset, [entry for entry in handset.entries if entry.message_id != message_id])

    def forget_sent(self, owner: Tenant, number: str, recipient: str) -> None:
        """Remove everything that the handset sent to this recipient, because an inbound message was redacted: the
        handset does not know which of its messages became that one."""
        handset = self.find(owner, number)
        if handset is not None:
            self._keep(
                handset, [e for e in handset.entries if e.direction != SENT or e.recipient != recipient]
            )

    def _used(self, owner: Tenant, number: str, country: str | None) -> Handset:
        key = (owner, number)
        handset = self._handsets.get(key)
        if handset is None:
            handset = self._handsets[key] = Handset(owner, number, country, deque(maxlen=self._most_messages))
            if len(self._handsets) > self._most_handsets:
                _, dropped = self._handsets.popitem(last=False)
                self._kept -= len(dropped.entries)
        else:
            self._handsets.move_to_end(key)
        return handset

    def _add(
        self, handset: Handset, direction: str, sender: str, recipient: str, now: int, carrier_id: str, total: int,
        message_id: str | None, attempt: int,
    ) -> Entry:  # fmt: skip
        """Put a message without parts on a handset that was just used."""
        self._sequence += 1
        entry = Entry(
            self._sequence, direction, sender, recipient, now, carrier_id, total, message_id, attempt, []
        )
        self._kept += len(handset.entries) < self._most_messages  # else the oldest goes
        handset.entries.append(entry)
        while self._kept > self._most_kept:
            key, unused = next(iter(self._handsets.items()))
            if unused.entries:
                unused.entries.popleft()
                self._kept -= 1
            if not unused.entries:
                del self._handsets[key]
        return entry

    def _keep(self, handset: Handset, entries: list[Entry]) -> None:
        """Keep these of the entries of a handset."""
        if len(entries) != len(handset.entries):
            self._kept -= len(handset.entries) - len(entries)
            handset.entries = deque(entries, self._most_messages)

    def _open(self, handset: Handset, message_id: str, attempt: int) -> Entry | None:
        """Find the entry of a long message whose other parts arrived before."""
        for entry in reversed(handset.entries):
            if entry.message_id == message_id and entry.attempt == attempt and not entry.complete:
                return entry
        return None


def text_of(entry: Entry) -> str:
    """Return the text of one message, with its parts in the order of their headers."""
    return "".join(one.shown().text for one in _joined([entry]))


def _joined(entries: Iterable[Entry]) -> list[Joined]:
    joined: list[Joined] = []
    open_: dict[tuple[object, ...], Joined] = {}
    for entry in entries:
        if entry.direction == SENT:
            joined.append(Joined(entry, dict(enumerate(entry.parts)), entry.total, entry.at))
            continue
        for part in entry.parts:
            concat = _concat(part.udh)
            if concat is None:
                joined.append(Joined(entry, {1: part}, 1, entry.at))
                continue
            key = (entry.sender, concat.reference, concat.bits, concat.total)
            one = open_.get(key)
            if one is None or concat.number in one.parts:  # a repeated part begins another message
                one = open_[key] = Joined(entry, {}, concat.total, entry.at)
                joined.append(one)
            one.parts[concat.number] = part
            one.at = entry.at
            if one.complete:
                del open_[key]
    return joined


def read(parts: list[Part]) -> str:
    """Decode parts, given in order, with the shift tables that their headers name; octets that are not text become
    hex."""
    if _encoding(parts[0].data_coding) == "binary":
        return b"".join(part.payload for part in parts).hex()
    return text_.decode_parts([text_.Part(part.payload, part.data_coding, part.udh) for part in parts])


def is_flash(data_coding: int) -> bool:
    """Whether data_coding says message class 0."""
    return text_.data_coding_of(data_coding).message_class == text_.FLASH


def _encoding(data_coding: int) -> str:
    kind, alphabet, _ = text_.data_coding_of(data_coding)
    return "binary" if kind == "binary" else "ucs2" if alphabet == text_.UCS2 else "gsm7"


def _concat(udh: bytes) -> text_.Concat | None:
    if not udh:
        return None
    try:
        return text_.concat_of(udh)
    except text_.MalformedUDH:
        return None
