"""What the guards answer, and what has to be written with it.

Rules kept here:
- `Changes` is data, so that tables and the memory of a simulation take the same;
- the turns of keys are guards of the write: it is lost if more have started at one of these keys since it was read
  than would still have passed. So no number of nodes together passes what a guard allows, and starts that are far
  from it do not make each other judge again.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from onesixty.verify.guarding import Verdict
from onesixty.verify.guards.facts import Keys, MarkState, Stop, tallied

#: Flags of a mark: its range tells little by itself; nobody had approved in its range for long, and nobody in its
#: country.
SCATTERED: Final = 1
FRESH: Final = 2
NOVEL: Final = 4


#: Keys of a country, of a network, and of countries that are new; empty for those that do not count.
Counted = tuple[str, str, str]


class NewMark(NamedTuple):
    """The mark of a verification that begins."""

    id: str
    scope: str
    profile_id: str
    at: int
    to: str
    range: str
    address: str
    device: str
    #: A sum of `SCATTERED`, `FRESH` and `NOVEL`: what else it is counted in.
    flags: int
    state: MarkState
    sends: int


class Count(NamedTuple):
    """What is added to tallies: the minute is that of the send."""

    keys: Counted
    minute: int
    sent: int
    approved: int
    #: Whether the range is new.
    fresh: bool


#: The flags that count in the tallies of a country, of a network, and of countries that are new.
NEEDED: Final = (SCATTERED, SCATTERED | FRESH, NOVEL)


def counted(keys: Keys, flags: int) -> Counted:
    """The tallies that a send with these flags is counted in, by minute."""
    country, network, novel = (
        key if flags & needed == needed else "" for key, needed in zip(tallied(keys), NEEDED, strict=True)
    )
    return country, network, novel


class Spend(NamedTuple):
    """What a send costs, as a guard of a budget: lost if the budget has not so much left."""

    key: str
    begins: int
    amount: int
    most: int
    ends: int


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What is written with a verdict."""

    #: Keys, with the last turn at which the verdict still holds.
    turns: tuple[tuple[str, int], ...] = ()
    mark: NewMark | None = None
    #: A held verification is sent: (id, at).
    released: tuple[str, int] | None = None
    #: A resend: the id of the verification.
    resent: str | None = None
    count: Count | None = None
    spends: tuple[Spend, ...] = ()
    stop: Stop | None = None


class Judged(Verdict, frozen=True, kw_only=True):
    """A verdict with what belongs to the write of its start, through `Guards.sent`."""

    changes: Changes = Changes()
