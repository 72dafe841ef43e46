"""The contract of a channel: what a message of SMS, email or a messenger has of its own. The path knows only this.

A channel says what an address and a sender are, makes content and billed units of what a caller asks, reads what
comes in, gives the facts that routing and receipts need, and shows its own fields of the message object. A channel is
a folder in `channels/` and one line in `channels/registry.py`; `channels/sms` is the first one.

Rules kept here:
- the tag of a message's content is the column `channel`. Each channel decodes the column `content` with its own
  struct, and no other part decodes it;
- a channel is pure: no I/O, no clock, no randomness;
- a message of a channel that this node does not have can be shown (its common fields) and get receipts, but is not
  judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from onesixty.core.errors import Problem
from onesixty.core.message import Message, public_view

_T = TypeVar("_T")
#: What a caller asks of the content of a message.
Asked = TypeVar("Asked")
#: An edit of a waiting message of the channel.
Change = TypeVar("Change")


#: A recipient as messages keep it, and its country; None if the address does not tell it. A pair, because one is made
#: for every message.
Address = tuple[str, str | None]


class Composed(NamedTuple):
    """Content as the columns of `messages` hold it. `units` are what is priced, paced and reported (column
    `segments`); `changes` is what was replaced in the caller's content."""

    text: str
    encoding: str
    units: int
    content: str | None
    changes: Sequence[Any] = ()


class Place(NamedTuple):
    """Where a part belongs: number `number` (from 1) of `total`, under a reference of 8 or 16 bits; 0 bits: sar_*."""

    reference: int
    total: int
    number: int
    bits: int


class Missing(NamedTuple):
    """What is known of a message of which parts did not arrive: the numbers of those that did, and the total."""

    arrived: tuple[int, ...]
    total: int


class Received(NamedTuple):
    """An incoming message as the columns of `messages` hold it. `words` is what a keyword is looked for in, empty if
    there are none."""

    text: str
    encoding: str
    units: int
    content: str | None
    country: str | None
    words: str


class Channel(Generic[Asked, Change]):
    """A channel. `name` is the value of `Message.channel`, and never changes."""

    name: ClassVar[str]
    #: Whether addresses are phone numbers in E.164. Only then a message has a network, and filters by prefix apply.
    numbers: ClassVar[bool] = False

    # ------------------------------------------------------------ judging

    def address(self, written: str) -> Address:
        """The recipient in the form that messages keep. Raises Problem `invalid_recipient`."""
        raise _unknown()

    def sender(self, written: str) -> str:
        """The sender in the form that messages keep. Raises Problem `invalid_sender`."""
        raise _unknown()

    def compose(self, asked: Asked) -> Composed:
        """The content that a caller asks for. Raises Problem if it cannot be sent as asked."""
        raise _unknown()

    def plain(self, text: str) -> tuple[str, int] | None:
        """The encoding and the units of a text without options; None unless `compose` keeps it as it is."""
        return None

    def reworded(self, message: Message, edit: Change) -> Asked:
        """What an edit that has fields of the content asks of it. Fields that it leaves out stay. Raises Problem."""
        raise _unknown()

    # ------------------------------------------------------------ receiving
    # Only for messages of the channel's own subclass of `IncomingMessage`.

    def place(self, incoming: Any) -> Place | None:
        """Which part of a message this is; None for a message in one piece. Parts wait as rows of
        `InboundMessage`, so only SMS has them."""
        return None

    def identity(self, incoming: Any) -> tuple[str | bytes, ...]:
        """What two messages from one sender to one recipient have in common only if they say the same."""
        raise _unknown()

    def received(self, parts: Sequence[Any], missing: Missing | None = None) -> Received:
        """The message that these parts make, which are in order: one for a message in one piece. Never refuses what
        a carrier has delivered."""
        raise _unknown()

    # ------------------------------------------------------------ facts for routing and receipts

    def sender_kind(self, sender: str) -> str | None:
        """The kind of a sender, for the filter `sender_kinds`; None if it has none."""
        return None

    def same_address(self, one: str | None, other: str | None) -> bool | None:
        """Whether a carrier and a message mean one address. None if one of them is missing."""
        return one == other if one and other else None

    def same_sender(self, one: str, other: str) -> bool:
        """Whether a carrier and a message mean one sender."""
        return one.casefold() == other.casefold()

    def address_key(self, written: str) -> str:
        """What all notations of one address have in common; empty if there is nothing."""
        return written

    def kept_address(self, written: str) -> str:
        """An address that a carrier wrote, in the form that messages keep, to look for messages by it."""
        return written

    # ------------------------------------------------------------ showing

    def view(self, message: Message) -> dict[str, Any]:
        """The message object of the API: `public_view`, with the fields that only this channel has."""
        return public_view(message)


#: A channel of which only the contract is known.
AnyChannel = Channel[Any, Any]


class Channels:
    """The channels of a node by name. Never changed."""

    def __init__(self, channels: Sequence[AnyChannel]) -> None:
        names = [channel.name for channel in channels]
        if len(set(names)) < len(names):
            raise ValueError(f"two channels have one name: {', '.join(sorted(names))}")
        self._all = tuple(channels)
        self._by_name = self.each(lambda channel: channel)
        self._views = self.each(lambda channel: channel.view)

    def __iter__(self) -> Iterator[AnyChannel]:
        return iter(self._all)

    def __getitem__(self, name: str) -> AnyChannel:
        return self._by_name[name]

    def each(self, of: Callable[[AnyChannel], _T]) -> Mapping[str, _T]:
        """A part of each channel by the channel's name, for code that needs only that part, and often."""
        return _Known(self._all, of)

    def view(self, message: Message) -> dict[str, Any]:
        """The message object of the API: the same schema in answers, lists, events and exports."""
        return self._views[message.channel](message)


class _Known(dict[str, _T]):
    """A value for each channel; for an unknown channel, that of the plain contract."""

    def __init__(self, channels: Sequence[AnyChannel], of: Callable[[AnyChannel], _T]) -> None:
        super().__init__((channel.name, of(channel)) for channel in channels)
        self._unknown = of(AnyChannel())

    def __missing__(self, name: str) -> _T:
        return self._unknown


def _unknown() -> Problem:
    return Problem("invalid_field", "This node does not have the channel of the message.", param="channel")
