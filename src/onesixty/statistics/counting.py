"""What a message counts as, and the sums of many messages: pure functions and dictionaries.

Rules kept here:
- a message is counted at the time of its acceptance, under what is true of it now;
- while a message waits, it has no carrier, route, cost and error: which carrier takes it is open;
- the price of a message counts while it is reserved or charged, as in the ledger: not once it was given back;
- the sender of an incoming message is the own number that it came to. A handset's number is nobody's statistic;
- a message that costs something in two currencies is one message in the first of them;
- three times are counted of a message (`TIMES`). They begin at its acceptance, or when it became due: how long it
  waited until a carrier took it is ours, and how long it took from there is the carrier's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter
from typing import Final, NamedTuple

import msgspec

from onesixty.core import statuses
from onesixty.kit.durations import LAST, bucket_of
from onesixty.statistics.dimensions import COLUMNS, KEPT, STATUS, TAG, Kept

MINUTE_MS: Final = 60_000
#: The spans of boxes in minutes.
MINUTE: Final = 1
QUARTER: Final = 15
HOUR: Final = 60
DAY: Final = 1440
#: The times that are counted: until the delivery, until a carrier took the message, and from there to the delivery.
DELIVERY: Final = "delivery"
SENDING: Final = "sending"
CARRIER: Final = "carrier"
TIMES: Final = (DELIVERY, SENDING, CARRIER)
#: The durations of one of the times. Its buckets follow those of the one before: bucket 3 of the second is
#: `DURATIONS + 3`.
DURATIONS: Final = LAST + 1
#: The numbers of buckets are below this.
BUCKETS: Final = DURATIONS * len(TIMES)

#: The statuses that no further event changes.
FOR_GOOD: Final = frozenset(status for status in statuses.TERMINAL if not statuses.TRANSITIONS[status])
#: The statuses of messages that are on their way.
ON_THE_WAY: Final = frozenset(statuses.ALL) - statuses.TERMINAL
#: The statuses whose price was given back, whatever accounts are charged on.
_FREE: Final = frozenset({statuses.FAILED, statuses.EXPIRED, statuses.CANCELED})


class Counted(msgspec.Struct, array_like=True, frozen=True):
    """What may change of what a message counts as. `costs` are pairs of currency and micro-units, `bucket` is that
    of its delivery time, and `more_buckets` are those of the other times."""

    status: str
    error: str | None
    carrier: str | None
    route: str | None
    sender: str
    class_: str
    segments: int
    price: int
    costs: tuple[tuple[str, int], ...] = ()
    bucket: int | None = None
    tags: tuple[str, ...] = ()
    #: Rows of `statistics_open` that an earlier version wrote end before it.
    more_buckets: tuple[int, ...] = ()


class Found(msgspec.Struct, array_like=True):
    """A message as the statements of this feature read it. `costs` is text, `EUR 9000 2 4500 1;USD 100 1 0 0`: the
    sum and the number of its attempts, then those of them that are unknown or became known late. `counted` is what it
    counted as until now; `noted`: a change of it waits to be counted, or (`LATE`) only a carrier's late answer."""

    id: str
    account_id: str
    test: int
    created_at: int
    country: str | None
    network: str | None
    channel: str
    campaign_id: str | None
    currency: str
    status: str
    error_code: str | None
    carrier_id: str | None
    route_id: str | None
    sender: str
    class_: str
    tags: str | None
    segments: int
    price: int
    costs: str | None
    sent_at: int | None
    queued_at: int | None
    done_at: int | None
    counted: str | None = None
    noted: int = 0

    @property
    def for_good(self) -> bool:
        """Whether nothing can change any more what it counts as: no event, and no carrier's late answer."""
        return self.status in FOR_GOOD and (self.costs is None or not _costs_of(self.costs).late)


#: See `Found.noted`.
LATE: Final = 2

#: Pairs of currency and micro-units.
Costs = tuple[tuple[str, int], ...]


class _Costs(NamedTuple):
    """What attempts cost: all of them, and those whose outcome was known at once. `late`: there are others."""

    all: Costs
    sure: Costs
    late: bool


@lru_cache(10_000)
def _costs_of(text: str) -> _Costs:
    """The costs in a message's `costs`: many messages have the same."""
    every: list[tuple[str, int]] = []
    sure: list[tuple[str, int]] = []
    late = False
    for part in sorted(text.split(";")):
        currency, cost, attempts, late_cost, late_attempts = part.split(" ")
        every.append((currency, int(cost)))
        if attempts != late_attempts:
            sure.append((currency, int(cost) - int(late_cost)))
        late = late or late_attempts != "0"
    return _Costs(tuple(every), tuple(sure), late)


_decode_tags = msgspec.json.Decoder(list[str]).decode
_decode_counted = msgspec.json.Decoder(Counted).decode
_encode = msgspec.json.Encoder().encode


def counted(message: Found, *, charge_on_sent: bool, late: bool = True) -> Counted:
    """What a message counts as now; without what became known late, what it counted as before that."""
    status = message.status
    tags = tuple(dict.fromkeys(_decode_tags(message.tags))) if message.tags else ()
    if status in statuses.WAITING:
        return Counted(
            status,
            None,
            None,
            None,
            message.sender,
            message.class_,
            message.segments,
            message.price,
            tags=tags,
        )
    price = message.price
    if status in _FREE or (
        status != statuses.DELIVERED
        and status in statuses.TERMINAL
        and not (charge_on_sent and message.sent_at is not None)
        and status != statuses.RECEIVED
    ):
        price = 0
    costs: Costs = ()
    if message.costs:
        found = _costs_of(message.costs)
        costs = found.all if late else found.sure
    delivery, *others = _durations(message)
    return Counted(
        status, message.error_code, message.carrier_id, message.route_id, message.sender, message.class_,
        message.segments, price, costs, None if delivery is None else bucket_of(delivery), tags,
        tuple(
            place * DURATIONS + bucket_of(duration)
            for place, duration in enumerate(others, 1)
            if duration is not None
        ),
    )  # fmt: skip


def _durations(message: Found) -> tuple[int | None, int | None, int | None]:
    """The times of a message in milliseconds, in the order of `TIMES`."""
    if message.status == statuses.RECEIVED:
        return None, None, None
    began = message.created_at if message.queued_at is None else message.queued_at
    sent = message.sent_at
    delivered = message.done_at if message.status == statuses.DELIVERED else None
    return (
        None if delivered is None else delivered - began,
        None if sent is None else sent - began,
        None if sent is None or delivered is None else delivered - sent,
    )


def until_now(message: Found, *, charge_on_sent: bool) -> Counted | None:
    """What a message counted as until now; None if it is new. One that was counted for good has left no row: a late
    answer of a carrier is all that can have changed since."""
    if message.counted is not None:
        return _decode_counted(message.counted)
    return counted(message, charge_on_sent=charge_on_sent, late=False) if message.noted == LATE else None


def as_text(value: Counted) -> str:
    """The column `counted`."""
    return _encode(value).decode()


#: Values of all dimensions in the order of `COLUMNS`, then currency, the costs' currency and the mode.
Key = tuple[str | int | None, ...]
#: Messages, segments, price, cost.
Sums = list[int]


class Tally:
    """Sums of messages by everything that they are counted by, before they are spread over the kept combinations.

    `keys` numbers what messages are counted by. `boxes` has sums by minute and number, `times` messages by minute and
    `number * BUCKETS + bucket`: in mixed traffic most keys have one message, and numbers cost less than tuples.
    """

    def __init__(self) -> None:
        self.keys: dict[Key, int] = {}
        self.boxes: dict[int, dict[int, Sums]] = {}
        self.times: dict[int, dict[int, int]] = {}

    def move(self, message: Found, before: Counted | None, now: Counted) -> None:
        """Take a message out of where it was, and put it where it belongs."""
        if before != now:
            if before is not None:
                self._add(message, before, -1)
            self._add(message, now, 1)

    def used(self) -> dict[int, Key]:
        """The keys that have something to count, by their numbers."""
        numbers = {at for cells in self.boxes.values() for at, sums in cells.items() if any(sums)}
        numbers |= {
            code // BUCKETS for counts in self.times.values() for code, messages in counts.items() if messages
        }
        return {at: key for key, at in self.keys.items() if at in numbers}

    def _add(self, message: Found, value: Counted, sign: int) -> None:
        minute = message.created_at // MINUTE_MS
        cells = self.boxes.get(minute)
        if cells is None:
            cells, self.times[minute] = self.boxes.setdefault(minute, {}), {}
        costs = value.costs
        currency, cost = costs[0] if costs else (None, 0)
        key: Key = (
            message.account_id, message.country, message.network, value.carrier, value.route, value.sender,
            value.class_, message.channel, message.campaign_id, value.error, None, value.status,
            message.currency, currency, message.test,
        )  # fmt: skip
        at = self._sum(cells, key, sign, sign * value.segments, sign * value.price, sign * cost)
        counts, first = self.times[minute], at * BUCKETS
        for bucket in value.more_buckets if value.bucket is None else (value.bucket, *value.more_buckets):
            counts[first + bucket] = counts.get(first + bucket, 0) + sign
        for currency, cost in costs[1:]:
            self._sum(cells, (*key[:_COSTS], currency, message.test), 0, 0, 0, sign * cost)
        for tag in value.tags:
            tagged = (*key[:_TAG], tag, value.status, message.currency, None, message.test)
            self._sum(cells, tagged, sign, sign * value.segments, sign * value.price, 0)

    def _sum(
        self, cells: dict[int, Sums], key: Key, messages: int, segments: int, price: int, cost: int
    ) -> int:
        at = self.keys.setdefault(key, len(self.keys))
        sums = cells.get(at)
        if sums is None:
            cells[at] = [messages, segments, price, cost]
        else:
            sums[0] += messages
            sums[1] += segments
            sums[2] += price
            sums[3] += cost
        return at


_TAG: Final = list(COLUMNS).index(TAG)
#: The place of the status in a key.
STATUS_AT: Final = list(COLUMNS).index(STATUS)
_COSTS: Final = len(COLUMNS) + 1


def _projection(kept: Kept) -> Callable[[Key], Key]:
    """What is left of a key in a combination: the other dimensions are None."""
    wanted = {*kept.dimensions, "status"}
    places = [place if name in wanted else -1 for place, name in enumerate(COLUMNS)]
    rest = range(len(COLUMNS), len(COLUMNS) + 3)
    take = itemgetter(*places, *rest)
    return lambda key: take((*key, None))


_PROJECTIONS: Final = [(kept, _projection(kept)) for kept in KEPT]


def combinations(key: Key) -> list[tuple[Kept, Key]]:
    """The combinations that a key counts in, with what is left of it in each: with a tag, those of tags alone."""
    tagged = key[_TAG] is not None
    return [(kept, project(key)) for kept, project in _PROJECTIONS if (kept.name == TAG) == tagged]
