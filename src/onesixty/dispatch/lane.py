"""A lane: the queued messages of one carrier that are in memory, and whose turn is next.

Rules kept here:
- classes that all have messages waiting share by weight, and a class that is alone has everything (stride
  scheduling over segments);
- within a class accounts take turns, counted in segments (deficit round robin);
- `priority` orders only within one account and class, then order of entry;
- a blocked account (its bucket is empty) is passed over and blocks no other account;
- an item that comes back to the front takes the place that it had, so that throttling keeps the order;
- the lane is bounded: a message enters only after its place was reserved, or if there is room. An account may
  reserve in a class only while it has fewer places than are free, so that one customer's campaign never keeps
  another's one-time password out;
- the lane reports classes and accounts with waiting rows and few messages left here (`thirsty`). Otherwise a class
  could run out of messages and lose its share while another's thousands fill the lane.

The lane is a data structure: it knows no time, no carrier and no database.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from onesixty.core.contracts import Carrier, Rendered
from onesixty.core.hop import Hop
from onesixty.core.message import CLASSES, MARKETING, OTP, TRANSACTIONAL, Message

WEIGHTS: Final = {OTP: 80, TRANSACTIONAL: 15, MARKETING: 5}

#: Segments that an account may send before the next account's turn.
QUANTUM: Final = 10

#: Class and account.
Key = tuple[str, str]


class Rest(NamedTuple):
    """The rest of a message of which its carrier took some segments: how it was cut, which segments are pending, and
    the sender that the others had (None: the message's own)."""

    reference: int
    segments: int
    pending: tuple[int, ...]
    sender: str | None = None


class Item:
    """A message in a lane or in flight, with what dispatch has to remember of it.

    `pending` are the segments that the carrier still has to take, None until the message is rendered. `tried`
    are the carriers that refused it. `entry` is its entry in a lane's heap, None while it is in no lane. `place`
    is the lane that it was in last, and its order there. `rest` is set if it comes from the database after a
    carrier took some of its segments. `carrier` and `hop` are those that it was rendered for last. `revealed` is a
    covered message as it was rendered, for its connector alone; None for any other.
    """

    __slots__ = (
        "carrier",
        "concat_reference",
        "entry",
        "hop",
        "message",
        "pending",
        "place",
        "rendered",
        "rest",
        "revealed",
        "tried",
    )

    def __init__(self, message: Message) -> None:
        self.message = message
        self.pending: list[int] | None = None
        self.rendered: Rendered | None = None
        self.concat_reference = 0
        self.tried = tuple(message.carriers_tried.split()) if message.carriers_tried else ()
        self.entry: Entry | None = None
        self.place: tuple[Lane, int] | None = None
        self.rest: Rest | None = None
        self.revealed: Message | None = None
        self.carrier: Carrier | None = None
        self.hop: Hop | None = None

    def is_rendered_for(self, carrier: Carrier, hop: Hop) -> bool:
        """Whether its rendering holds: another connector of the same carrier, or another hop, may need another one. A
        message that is partly taken keeps its own, because the rest has to fit what was taken."""
        if self.rendered is None:
            return False
        return self.partly_taken or (self.carrier is carrier and self.hop == hop)

    @property
    def partly_taken(self) -> bool:
        """Whether a carrier took some of its segments. Then it stays with that carrier, and continues from there."""
        return self.rest is not None or (
            self.pending is not None and self.rendered is not None and len(self.pending) < self.rendered.units
        )

    def renew(self, message: Message) -> None:
        """The message was changed while it was out of its lane, so its rendering is void."""
        self.message = message
        self.rendered = self.pending = None

    @property
    def cost(self) -> int:
        """Segments still to be sent."""
        if self.pending is not None:
            return len(self.pending)
        return self.message.segments if self.rest is None else len(self.rest.pending)


#: (minus priority, order of entry, item): the sort key of an account's heap.
Entry = tuple[int, int, Item]


class _Account:
    __slots__ = ("deficit", "heap", "id")

    def __init__(self, account_id: str) -> None:
        self.id = account_id
        self.deficit = 0
        self.heap: list[Entry] = []


class _Class:
    __slots__ = ("accounts", "position", "stride", "turns")

    def __init__(self, weight: int) -> None:
        self.stride = 1.0 / weight
        self.position = 0.0
        self.accounts: dict[str, _Account] = {}
        self.turns: deque[_Account] = deque()


class Lane:
    """The items of one carrier in the order in which they are sent."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._classes = {name: _Class(WEIGHTS[name]) for name in CLASSES}
        self._items: dict[str, Item] = {}
        self._reserved = 0
        self._places: dict[Key, int] = {}
        self._marks: dict[Key, int] = {}
        #: Watched classes and accounts whose places are down to their mark.
        self.thirsty: set[Key] = set()
        self._last = 0
        self._first = 0
        self._position = 0.0

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Item]:
        """The items in order of entry."""
        return iter(sorted(self._items.values(), key=_order_of))

    def ids(self) -> Iterable[str]:
        """The ids of all messages in the lane."""
        return self._items.keys()

    @property
    def room(self) -> int:
        """How many more messages may be reserved."""
        return self.capacity - len(self._items) - self._reserved

    @property
    def half_empty(self) -> bool:
        """Whether it is time for a refill."""
        return len(self._items) <= self.capacity // 2

    @property
    def oldest(self) -> int | None:
        """When the first of the messages became due, in epoch milliseconds; None if there are none."""
        due = (item.message.queued_at for item in self._items.values())
        return min((at for at in due if at is not None), default=None)

    def depths(self) -> dict[str, int]:
        """The number of waiting messages by class, for metrics and operators."""
        return dict(Counter(item.message.class_ for item in self._items.values()))

    def reserve(self, class_: str, account_id: str) -> bool:
        """Reserve a place for a message that is about to be committed. False if there is no room for it."""
        key = (class_, account_id)
        places = self._places.get(key, 0)
        if self.capacity - len(self._items) - self._reserved <= places:
            return False
        self._reserved += 1
        self._places[key] = places + 1
        return True

    def release(self, class_: str, account_id: str) -> None:
        """Give back a reserved place."""
        self._reserved -= 1
        self._leave(class_, account_id)

    def _leave(self, class_: str, account_id: str) -> None:
        key = (class_, account_id)
        places = self._places[key] - 1
        if places:
            self._places[key] = places
        else:
            del self._places[key]
        if self._marks and places <= self._marks.get(key, -1):
            self.thirsty.add(key)

    def share(self, key: Key) -> int:
        """How many more messages of this class and account may enter, so that they have
        no more places than are free."""
        return max(0, (self.room - self._places.get(key, 0) + 1) // 2)

    def watch(self, key: Key) -> None:
        """More rows of this class and account wait in the database: report when half of those here now have left."""
        places = self._places.get(key, 0)
        self._marks[key] = places // 2
        if places:
            self.thirsty.discard(key)
        else:
            self.thirsty.add(key)

    def forget(self, key: Key) -> None:
        """No row of this class and account waits in the database any more."""
        self._marks.pop(key, None)
        self.thirsty.discard(key)

    def enter(self, item: Item) -> None:
        """Let a message enter at the place that was reserved for it."""
        self._reserved -= 1
        self._last += 1
        self._add(item, self._last)

    def put(self, item: Item, *, front: bool = False) -> None:
        """Let a message enter. `front` is for one that was taken out and comes back before its juniors."""
        key = (item.message.class_, item.message.account_id)
        self._places[key] = self._places.get(key, 0) + 1
        if front and item.place is not None and item.place[0] is self:
            order = item.place[1]
        elif front:
            self._first -= 1
            order = self._first
        else:
            self._last += 1
            order = self._last
        self._add(item, order)

    def _add(self, item: Item, order: int) -> None:
        message = item.message
        item.place = (self, order)
        item.entry = (-message.priority, order, item)
        self._items[message.id] = item
        class_ = self._classes[message.class_]
        account = class_.accounts.get(message.account_id)
        if account is None:
            account = class_.accounts[message.account_id] = _Account(message.account_id)
            if not class_.turns:
                class_.position = max(class_.position, self._position)
            class_.turns.append(account)
        heapq.heappush(account.heap, item.entry)

    def get(self, message_id: str) -> Item | None:
        """The waiting item of a message."""
        return self._items.get(message_id)

    def remove(self, message_id: str) -> Item | None:
        """Take a waiting message out, whatever its turn (cancel, expiry, another carrier)."""
        item = self._items.pop(message_id, None)
        if item is not None:
            item.entry = None
            self._leave(item.message.class_, item.message.account_id)
        return item

    def take(self, segments: int) -> list[Item]:
        """The next items, as many as fit into `segments`. If some segments are left, the next message is sent even if
        it is longer."""
        taken: list[Item] = []
        ready = [class_ for class_ in self._classes.values() if class_.turns]
        while segments > 0 and ready:
            class_ = ready[0] if len(ready) == 1 else min(ready, key=_position_of)
            item = self._next_of(class_)
            if item is None:  # nothing is left, or every account has to save for a long message
                if not class_.turns:
                    ready.remove(class_)
                continue
            cost = item.cost
            self._position = class_.position
            class_.position += cost * class_.stride
            message = item.message
            del self._items[message.id]
            item.entry = None
            self._leave(message.class_, message.account_id)
            taken.append(item)
            segments -= cost
            if not class_.turns:
                ready.remove(class_)
        return taken

    def _next_of(self, class_: _Class) -> Item | None:
        turns = class_.turns
        for _ in range(len(turns)):
            account = turns[0]
            heap = account.heap
            while heap and heap[0][2].entry is not heap[0]:  # removed otherwise
                heapq.heappop(heap)
            if not heap:
                turns.popleft()
                del class_.accounts[account.id]
                continue
            cost = heap[0][2].cost
            if len(turns) > 1 and account.deficit < cost:
                account.deficit += QUANTUM
                if account.deficit < cost:
                    turns.rotate(-1)
                    continue
            item = heapq.heappop(heap)[2]
            deficit = account.deficit = account.deficit - cost if account.deficit > cost else 0
            if not heap:
                turns.popleft()
                del class_.accounts[account.id]
            elif len(turns) > 1 and deficit < heap[0][2].cost:
                turns.rotate(-1)
            return item
        return None


def _position_of(class_: _Class) -> float:
    return class_.position


def _order_of(item: Item) -> int:
    assert item.place is not None
    return item.place[1]
