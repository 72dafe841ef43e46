"""What a node knows of one limit of one subject, in memory. Nothing here does I/O.

Rules kept here (docs/decisions/0127):
- `take` answers at once, from memory; `lacks` says before whether the database has to be asked first;
- what was taken for a message is given back if the message does not reach the disk;
- with several nodes, what a node may take before it asks again is small (`part`), so that all nodes together stay
  within a tenth of the limit.
"""

from __future__ import annotations

from typing import Final

from onesixty.limits.periods import Period, period_of

#: The share of a limit by which the nodes together may be off, as a divisor: a tenth.
TOLERANCE: Final = 10

#: Seconds for which a node takes ahead, and for how many messages at least.
AHEAD: Final = 2.0
LEAST: Final = 20

#: Seconds for which a refusal stands before the database is asked again.
REFUSED: Final = 0.1

#: Seconds after which a period's count that was not used goes back.
IDLE: Final = 2.0


def part(limit: int, nodes: int) -> int:
    """What one node may be off."""
    return max(1, limit // (TOLERANCE * nodes))


class Rate:
    """So much a second: a bucket that holds one second's share of this node. A message larger than the bucket passes
    when it is full, and leaves a debt."""

    __slots__ = ("_at", "_tokens", "limit", "share", "used")

    def __init__(self, limit: int, share: float, now: float) -> None:
        self.limit = limit
        #: What this node may take of it.
        self.share = share
        self._tokens = max(1.0, share)
        self._at = now
        #: What was taken since the nodes last divided the limit.
        self.used = 0

    def fill(self) -> None:
        """Begin with a full bucket."""
        self._tokens = max(1.0, self.share)

    def left(self, now: float) -> float:
        """What may be taken now."""
        burst = max(1.0, self.share)
        self._tokens = min(burst, self._tokens + max(0.0, now - self._at) * self.share)
        self._at = now
        return self._tokens

    def take(self, amount: int, now: float) -> bool:
        """Take an amount, if it is there."""
        if self.left(now) < min(float(amount), max(1.0, self.share)):
            return False
        self._tokens -= amount
        self.used += amount
        return True

    def give_back(self, amount: int) -> None:
        """Give back what was not used."""
        self._tokens += amount
        self.used -= amount

    def wait(self, amount: int, now: float) -> float:
        """Seconds until an amount may be taken."""
        missing = min(float(amount), max(1.0, self.share)) - self.left(now)
        return max(0.0, missing / self.share) if self.share > 0 else 1.0


class Count:
    """Messages in a day or a month: a node takes slices of it from the database, and counts in memory."""

    __slots__ = (
        *("_filled_at", "_spent", "_taken", "kind", "left", "limit", "period", "refused"),
        *("rests_until", "used_at", "zone"),
    )

    def __init__(self, kind: str, limit: int, zone: str, now_ms: int) -> None:
        self.kind = kind
        self.limit = limit
        self.zone = zone
        self.period: Period = period_of(kind, zone, now_ms)
        #: What is left of the slice.
        self.left = 0
        self.rests_until = 0.0
        #: "full" or "unavailable", while it rests.
        self.refused = ""
        self.used_at = 0.0
        self._filled_at = 0.0
        self._spent = 0
        self._taken = 0

    def at(self, now_ms: int) -> Period | None:
        """Come to the period of a time. Returns the one that was left, if it is another one; its rest is the caller's
        to give back."""
        if self.period.begins <= now_ms < self.period.ends:
            return None
        left, self.period = self.period, period_of(self.kind, self.zone, now_ms)
        self.rests_until, self._taken = 0.0, 0
        return left

    def note(self, taken: int) -> None:
        """Note what all nodes have taken of the period, with what is left of this node's slice."""
        self._taken = taken

    @property
    def remaining(self) -> int:
        """What is left of the period, as far as this node knows."""
        return max(0, self.limit - self._taken + self.left)

    @property
    def known_part(self) -> float:
        """The part of the limit that is used, as far as this node knows."""
        return 1.0 if not self.limit else min(1.0, (self._taken - self.left) / self.limit)

    def lacks(self, amount: int, now: float) -> bool:
        """Whether the database has to be asked before `amount` can be taken or refused."""
        return self.left < amount and now >= self.rests_until

    def take(self, now: float) -> bool:
        """Take one message."""
        if self.left <= 0:
            return False
        self.left -= 1
        self._spent += 1
        self.used_at = now
        return True

    def give_back(self) -> None:
        """Give one message back."""
        self.left += 1

    def next_size(self, now: float, nodes: int, *, several: bool) -> int:
        """How much to take from the database, going by what was taken since the last call."""
        seconds = max(now - self._filled_at, 0.05)
        size = max(int(self._spent / seconds * AHEAD), LEAST)
        self._filled_at, self._spent = now, 0
        # One node loses a slice only by a crash; several could strand theirs while another is short.
        return min(size, part(self.limit, nodes)) if several else min(size, max(1, self.limit // TOLERANCE))

    def rest(self, refused: str, now: float) -> None:
        """Ask for nothing for a moment."""
        self.refused, self.rests_until = refused, now + REFUSED


class Stock:
    """Messages of one status at the same time. The rows are the truth: they are counted, and what this node has added
    since is added up. So nothing can leak, whatever becomes of a message. To add one too many is safe: the rows are
    counted before anything is refused."""

    __slots__ = (
        "_during",
        "_part",
        "_stands_until",
        "allowance",
        "counted",
        "known",
        "limit",
        "refused",
        "reserved",
        "rests_until",
        "since",
    )

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.known = False
        self.counted = 0
        #: Messages that were taken or came since the rows were counted, or were on their way to disk then.
        self.since = 0
        #: How many may be taken until the rows are counted again; None if this is the only node.
        self.allowance: int | None = None
        self.rests_until = 0.0
        self.refused = ""
        #: Messages on their way to disk.
        self.reserved = 0
        self._during = 0
        self._part = 0
        self._stands_until = 0.0

    @property
    def room(self) -> int:
        """How many may be taken now."""
        if not self.known:
            return 0
        room = self.limit - self.counted - self.since
        return room if self.allowance is None else min(room, self.allowance)

    @property
    def part(self) -> float:
        """The part of the limit that is used, as far as this node knows."""
        return 1.0 if not self.limit else min(1.0, (self.counted + self.since) / self.limit)

    def lacks(self, amount: int, now: float) -> bool:
        """Whether the rows have to be counted before `amount` can be taken or refused."""
        if self.allowance is not None and self.allowance > self._part and now >= self._stands_until:
            self.allowance = self._part  # what was allowed for messages that another limit refused
        return self.room < amount and now >= self.rests_until

    def take(self) -> bool:
        """Take one message."""
        if self.room <= 0:
            return False
        self.since += 1
        self._during += 1
        self.reserved += 1
        if self.allowance is not None:
            self.allowance -= 1
        return True

    def kept(self) -> None:
        """A message is on disk: a count that begins from now on sees it."""
        self.reserved -= 1

    def dropped(self) -> None:
        """A message did not reach the disk."""
        self.reserved -= 1
        self.since -= 1
        self._during -= 1

    def came(self) -> None:
        """A message that was taken before came to the status by a change, which is on disk. Nothing refuses it."""
        self.since += 1
        self._during += 1

    def begin_count(self) -> None:
        """The rows are about to be counted."""
        self._during = self.reserved

    def end_count(self, counted: int, nodes: int, need: int, now: float, *, several: bool) -> None:
        """The rows were counted, for `need` messages. If the other nodes count now, too, each gets its share of what
        is left."""
        self.known, self.counted, self.since = True, counted, self._during
        room = self.limit - counted - self.since
        self._part, self._stands_until = part(self.limit, nodes), now + REFUSED
        self.allowance = max(self._part, min(need, room // nodes)) if several else None

    def rest(self, refused: str, now: float, took: float = 0.0) -> None:
        """Count nothing for a moment, which is no shorter than the last count took."""
        self.refused, self.rests_until = refused, now + max(REFUSED, took)
