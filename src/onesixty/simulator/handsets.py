"""The handsets behind simulated carriers: the messages on each, as its owner would read them.

Rules kept here:
- a handset belongs to one tenant; other tenants do not see its messages, even if they send to the same number;
- memory is bounded: the most recently used handsets stay, and on each the latest messages;
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

#: How many handsets are kept, and how many messages on each.
MOST_HANDSETS: Final = 1_000
MOST_MESSAGES: Final = 50

RECEIVED: Final = "received"
SENT: Final = "sent"


class Part(msgspec.Struct, frozen=True):
    """One part as it crossed the link: user data header (empty: none), the octets after it, data_coding."""

    udh: bytes
    payload: bytes
    data_coding: int


class Entry(msgspec.Struct):
    """A message that a handset received or sent: its parts so far, of `total`. `at` in epoch ms."""

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

    def messages(self) -> list[Shown]:
        """The messages that it shows, oldest first."""
        return _joined(self.entries)


class Handsets:
    """All handsets of one node."""

    def __init__(self, most_handsets: int = MOST_HANDSETS, most_messages: int = MOST_MESSAGES) -> None:
        self._most_handsets = most_handsets
        self._most_messages = most_messages
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
            entry = Entry(
                RECEIVED, rendered.sender, message.recipient, now, carrier_id, total, message.id,
                submission.attempt, [],
            )  # fmt: skip
            handset.entries.append(entry)
        else:
            entry.at = now
        handset.carrier_id = carrier_id
        entry.parts.append(Part(rendered.udhs[segment], rendered.payloads[segment], rendered.data_coding))
        return handset, entry

    def sent(self, handset: Handset, recipient: str, parts: list[Part], now: int, carrier_id: str) -> None:
        """Record a message that the handset sent."""
        self._used(handset.owner, handset.number, handset.country)
        handset.carrier_id = carrier_id
        handset.entries.append(
            Entry(SENT, handset.number, recipient, now, carrier_id, len(parts), None, 0, list(parts))
        )

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
            kept = [entry for entry in handset.entries if entry.message_id != message_id]
            if len(kept) != len(handset.entries):
                handset.entries = deque(kept, self._most_messages)

    def forget_sent(self, owner: Tenant, number: str, recipient: str) -> None:
        """Remove everything that the handset sent to this recipient, because an inbound message was redacted: the
        handset does not know which of its messages became that one."""
        handset = self.find(owner, number)
        if handset is not None:
            kept = [e for e in handset.entries if e.direction != SENT or e.recipient != recipient]
            handset.entries = deque(kept, self._most_messages)

    def _used(self, owner: Tenant, number: str, country: str | None) -> Handset:
        key = (owner, number)
        handset = self._handsets.get(key)
        if handset is None:
            handset = self._handsets[key] = Handset(owner, number, country, deque(maxlen=self._most_messages))
            if len(self._handsets) > self._most_handsets:
                self._handsets.popitem(last=False)
        else:
            self._handsets.move_to_end(key)
        return handset

    def _open(self, handset: Handset, message_id: str, attempt: int) -> Entry | None:
        """Find the entry of a long message whose other parts arrived before."""
        for entry in reversed(handset.entries):
            if entry.message_id == message_id and entry.attempt == attempt and not entry.complete:
                return entry
        return None


def text_of(entry: Entry) -> str:
    """Return the text of one message, with its parts in the order of their headers."""
    return "".join(one.text for one in _joined([entry]))


def _joined(entries: Iterable[Entry]) -> list[Shown]:
    shown: list[Shown] = []
    open_: dict[tuple[object, ...], tuple[Shown, dict[int, Part]]] = {}
    for entry in entries:
        if entry.direction == SENT:
            shown.append(_shown(entry, dict(enumerate(entry.parts)), entry.total))
            continue
        for part in entry.parts:
            concat = _concat(part.udh)
            if concat is None:
                shown.append(_shown(entry, {1: part}, 1))
                continue
            key = (entry.sender, concat.reference, concat.bits, concat.total)
            one, parts = open_.get(key, (None, {}))
            if one is None or concat.number in parts:  # a repeated part begins another message
                one, parts = _shown(entry, {}, concat.total), {}
                open_[key] = one, parts
                shown.append(one)
            parts[concat.number] = part
            _fill(one, parts)
            one.at = entry.at
            if one.complete:
                del open_[key]
    return shown


def _shown(entry: Entry, parts: dict[int, Part], total: int) -> Shown:
    one = Shown(
        direction=entry.direction,
        sender=entry.sender,
        recipient=entry.recipient,
        text="",
        encoding="gsm7",
        flash=False,
        at=entry.at,
        parts=0,
        total=total,
        complete=False,
        carrier_id=entry.carrier_id,
        message_id=entry.message_id,
    )
    if parts:
        _fill(one, parts)
    return one


def _fill(one: Shown, parts: dict[int, Part]) -> None:
    pieces = [parts[number] for number in sorted(parts)]
    first = pieces[0]
    one.text = read(pieces)
    one.encoding = _encoding(first.data_coding)
    one.flash = is_flash(first.data_coding)
    one.parts = len(parts)
    one.complete = len(parts) == one.total


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
