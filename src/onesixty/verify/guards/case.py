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
    KNOWN,
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
from onesixty.verify.guards.score import ENOUGH, bounded

#: The share of typed codes for which limits on numbers in vain are meant.
REFERENCE: Final = 2 / 3

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


class Case:
    """A start or resend, with what is remembered of it. Properties are worked out once, if a guard asks."""

    def __init__(self, asked: Asked, limits: GuardLimits, recalled: Recalled, baseline: Baseline) -> None:
        self.asked = asked
        self.limits = limits
        self.recalled = recalled
        self.baseline = baseline
        self.now = asked.at
        self.keys: Keys = keys_of(asked)

    def threshold(self, name: str) -> float:
        """A threshold as this profile has it."""
        return self.limits.threshold(name)

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

    def block_of(self, key: str) -> Block | None:
        """The last block of a key, if it was in force within 24 hours and was not released."""
        block = self.recalled.blocks.get(key)
        return None if block is None or block.released_at else block

    def finding(
        self, guard: str, action: Literal["hold", "block"], key: str, until: int, value: str | float = ""
    ) -> Finding:
        """What a guard answers, in the words of its row."""
        reason = GUARDS[guard].says(subject_of(key), value)
        return Finding(guard, action, reason, key, until)


Rule = Callable[[Case], Finding | None]


def end_of_day(now: int) -> int:
    """When the day of a time ends, in UTC."""
    return (now // DAY + 1) * DAY
