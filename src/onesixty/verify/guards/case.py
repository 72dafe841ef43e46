"""A case: one start or resend with all that its guards look at, and what a guard answers.

Rules kept here:
- a guard is a function from a case to a finding or None. It does no I/O and knows no other guard;
- a number that was approved within 30 days, and at most once asked for in vain since, is known: guards that look at
  many numbers together let it pass, since it is no number that an attacker made up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from math import log
from typing import Final, Literal, NamedTuple

from onesixty.verify.guarding import Asked
from onesixty.verify.guards.catalogue import GUARDS, usually_typed
from onesixty.verify.guards.facts import (
    DAY,
    HOUR,
    KNOWN,
    MINUTE,
    OF_NUMBERS,
    Baseline,
    Block,
    Keys,
    Mark,
    Recalled,
    keys_of,
    subject_of,
)
from onesixty.verify.guards.limits import GuardLimits
from onesixty.verify.guards.score import ENOUGH, Sum, bounded, sequential

#: The share of typed codes for which limits on numbers in vain are meant.
REFERENCE: Final = 2 / 3

#: More starts than can come first: nothing is counted.
ANY: Final = 1_000_000

#: What counts as asked in vain.
IN_VAIN: Final = frozenset({"open", "failed", "held"})


class Finding(NamedTuple):
    """What a guard would do about a case, why, and when that ends by itself."""

    guard: str
    action: Literal["hold", "block"]
    reason: str
    key: str
    until: int
    #: A block that stands for further starts of this key, until `until`.
    lasting: bool = False
    strikes: int = 1


class InVain(NamedTuple):
    """The marks of an address or a device, newest first: how many other numbers were asked for in vain, and from how
    many on a further one is held."""

    marks: list[Mark]
    numbers: int
    most: float


class Case:
    """A start or resend, with what is remembered of it. Properties are worked out once, if a guard asks."""

    def __init__(self, asked: Asked, limits: GuardLimits, recalled: Recalled, baseline: Baseline) -> None:
        self.asked = asked
        self.limits = limits
        self.recalled = recalled
        self.baseline = baseline
        self.now = asked.at
        self.keys: Keys = keys_of(asked)
        self.threshold = limits.threshold

    @property
    def of_number(self) -> bool:
        """Whether it goes to a telephone number."""
        return self.asked.channel in OF_NUMBERS

    @cached_property
    def typed(self) -> float:
        """The share of codes that are usually typed in the country: this installation's own, once it has enough."""
        if self.baseline.sent < ENOUGH:
            return usually_typed(self.asked.country)
        return round(self.baseline.approved / self.baseline.sent, 2)

    @cached_property
    def lenience(self) -> float:
        """By how much limits on numbers in vain are wider here than where two in three codes are typed: so much that
        honest users reach them with the same odds."""
        return max(1.0, log(1 - REFERENCE) / log(1 - bounded(self.typed)))

    @cached_property
    def known(self) -> bool:
        """Whether the number is known."""
        approved_at = self.recalled.trace(self.keys.number).approved_at
        if not approved_at or approved_at < self.now - KNOWN:
            return False
        return sum(mark.state in IN_VAIN for mark in self.recalled.number if mark.at > approved_at) <= 1

    def others(self, marks: Sequence[Mark], key: str, since: int) -> list[Mark]:
        """The marks of a key from a time on, newest first, without this verification. What was before a release of
        the key does not count."""
        since = max(since, self.recalled.trace(key).released_at)
        own = self.asked.verification_id
        return [mark for mark in marks if mark.at >= since and mark.id != own]

    @cached_property
    def at_address(self) -> InVain:
        """What was asked for at the address."""
        return self._in_vain("address", self.recalled.address, self.keys.address, HOUR)

    @cached_property
    def at_device(self) -> InVain:
        """What was asked for on the device."""
        return self._in_vain("device", self.recalled.device, self.keys.device, DAY)

    def _in_vain(self, guard: str, recalled: Sequence[Mark], key: str, span: int) -> InVain:
        marks = self.others(recalled, key, self.now - span)
        approved = {mark.to for mark in marks if mark.state == "approved"}
        vain = {mark.to for mark in marks if mark.state in IN_VAIN} - approved - {self.asked.to}
        forgiven = len(approved) * self.threshold(f"{guard}.forgiven")
        return InVain(marks, len(vain), (self.threshold(f"{guard}.hold_above") + forgiven) * self.lenience)

    def block_of(self, key: str) -> Block | None:
        """The last block of a key, if it was in force within 24 hours and was not released."""
        block = self.recalled.blocks.get(key)
        return None if block is None or block.released_at else block

    def tested(self, guard: str, key: str) -> tuple[int, float]:
        """From when on a test of a key looks, and at what sum it begins: what led to a block does not count again,
        and after a block little more is needed."""
        since = self.now - int(self.threshold(f"{guard}.minutes") * MINUTE)
        block = self.block_of(key)
        if block is None:
            return since, 0.0
        start = self.threshold(f"{guard}.score") * self.threshold(f"{guard}.after_block")
        return max(since, block.created_at), start

    @cached_property
    def range_sum(self) -> Sum:
        """The sum of the test of the range."""
        since, start = self.tested("range_score", self.keys.range)
        test = sequential(self.typed, self.threshold("range_score.attack"))
        bunches = [bunch for bunch in reversed(self.recalled.range) if bunch.at >= since]
        return test.of_bunches(bunches, self.now, self.threshold("range_score.score"), start)

    @cached_property
    def range_block(self) -> Block | None:
        """The last block of the range, unless enough was typed since."""
        block = self.block_of(self.keys.range)
        return None if block is None or self.range_sum.settled else block

    def finding(
        self,
        guard: str,
        action: Literal["hold", "block"],
        key: str,
        until: int,
        code: str = "",
        **values: str | int,
    ) -> Finding:
        """What a guard answers, in the words of its row."""
        reason = GUARDS[guard].says(subject_of(key), code, **values)
        return Finding(guard, action, reason, key, until)


Rule = Callable[[Case], Finding | None]


def end_of_day(now: int) -> int:
    """When the day of a time ends, in UTC."""
    return (now // DAY + 1) * DAY
