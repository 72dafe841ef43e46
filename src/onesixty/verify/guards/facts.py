"""What the guards remember, and by which keys. Times are epoch ms.

Rules kept here:
- a mark is what is remembered of one verification: the facts, never a conclusion. So an approval that comes later
  changes what is concluded, without any state that would have to be corrected;
- a key names what a guard looks at: a number, address or device of a tenant; a range, network or country of a
  profile. One attack on one profile changes nothing for another profile.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Literal, NamedTuple

import msgspec

from onesixty.core.tenant import Tenant
from onesixty.verify.guarding import Asked, Ended

#: What became of a verification, as guards remember it. `open`: sent, and no answer yet. `failed`: it ended without
#: an approval. `unsent`: no carrier took it. `unreported`: the caller never said what became of its own code.
MarkState = Literal["held", "open", "approved", "failed", "unsent", "unreported"]

SECOND: Final = 1000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

#: The channels whose addresses are numbers, and that cost so much that numbers are attacked over them.
OF_NUMBERS: Final = frozenset({"sms", "voice", "whatsapp"})

#: Digits at the end of a number that do not tell its range.
RANGE_DIGITS: Final = 4

#: How many marks of a kind are recalled, the newest ones.
MOST_MARKS: Final = {"number": 60, "address": 200, "device": 60, "near": 200, "range": 200}

#: How long an approval makes a number, and its country, known.
KNOWN: Final = 30 * DAY


# ---------------------------------------------------------------- what is remembered


class Mark(NamedTuple):
    """A verification, as the guards remember it."""

    id: str
    at: int
    to: str
    state: MarkState
    sends: int


class Bunch(NamedTuple):
    """What was sent to a range at about the same time (`at` in the mean), by what became of it. `sends` are those of
    the open ones, with resends."""

    at: int
    approved: int
    failed: int
    open: int
    sends: int

    @property
    def vain(self) -> int:
        """Codes that nobody typed."""
        return self.failed + self.open


class Trace(NamedTuple):
    """What is remembered of a key: how often somebody started there (`turn`), the last approval, the last release."""

    turn: int = 0
    approved_at: int = 0
    released_at: int = 0


class Tally(NamedTuple):
    """Sends and approvals of a minute, counted at the time of the send; of a country also those in new ranges among
    them. What is older than some minutes comes as sums of ten."""

    minute: int
    sent: int
    approved: int
    fresh_sent: int = 0
    fresh_approved: int = 0


class Baseline(NamedTuple):
    """What was sent to a country and approved there in the last days, in how many different hours, and what its
    profile usually sends in an hour."""

    sent: int = 0
    approved: int = 0
    hours: int = 0
    of_profile: float = 0.0

    @property
    def usual_vain(self) -> float:
        """Codes that nobody typed, of an hour in which anything was sent."""
        return (self.sent - self.approved) / self.hours if self.hours else 0.0


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """A block or a hold: a row of `verify_blocks`. One that is `lasting` stands until `ends_at`, unless it was
    released before. Any other is a record: it is decided anew for each start, and ends earlier if honest users
    approve. `strikes` counts the blocks of this key that followed each other."""

    id: str
    account_id: str
    test: bool
    profile_id: str | None
    guard: str
    key: str
    #: The part of the key that people know: a number, an address, a range, a country.
    subject: str
    action: Literal["block", "hold"]
    reason: str
    lasting: bool = False
    strikes: int = 1
    version: int = 1
    created_at: int
    ends_at: int
    released_at: int | None = None


class Block(NamedTuple):
    """A lasting stop, as far as it is remembered for judging."""

    guard: str
    reason: str
    strikes: int
    created_at: int
    ends_at: int
    #: 0: it was not released.
    released_at: int = 0


class Keys(NamedTuple):
    """The keys of a start. Empty where the start has no such thing."""

    number: str
    address: str
    device: str
    range: str
    network: str
    country: str
    profile: str
    #: Counts what goes to countries in which nobody approved for long.
    novel: str


class Recalled(msgspec.Struct, frozen=True, kw_only=True):
    """All that the guards remember about a start, of one moment. Marks are newest first."""

    trusted: bool = False
    number: tuple[Mark, ...] = ()
    address: tuple[Mark, ...] = ()
    device: tuple[Mark, ...] = ()
    #: What else was sent to the range since its last block, or its last release.
    range: tuple[Bunch, ...] = ()
    #: Numbers close to this one that were asked for in vain within an hour, held ones too.
    near: tuple[Mark, ...] = ()
    traces: Mapping[str, Trace] = {}
    #: The last lasting block of each key that was in force within 24 hours.
    blocks: Mapping[str, Block] = {}
    #: Keys with a stop that has not ended.
    on_record: frozenset[str] = frozenset()
    #: The last hour, oldest first.
    tallies: Mapping[str, tuple[Tally, ...]] = {}
    #: What the profile has spent: (of this hour, of this day).
    spent: tuple[int, int] = (0, 0)

    def trace(self, key: str) -> Trace:
        """What is remembered of a key."""
        return self.traces.get(key, NOTHING)


NOTHING: Final = Trace()


# ---------------------------------------------------------------- keys


def scope_of(tenant: Tenant) -> str:
    """The tenant as a part of keys."""
    return f"{tenant.account_id}:{int(tenant.test)}"


def range_of(number: str) -> str:
    """The range of a number in E.164."""
    return number[:-RANGE_DIGITS]


def network_of(address: str) -> str:
    """The address of an end user as far as it tells them apart: a whole IPv4 address, the first 64 bits of IPv6.
    Empty for anything else."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


@lru_cache(256)
def keys_of(asked: Asked | Ended) -> Keys:
    """The keys of a start, or of the end of a verification. Whoever judges a start asks for them several times."""
    scope, profile = scope_of(asked.tenant), asked.profile_id
    of_number = asked.channel in OF_NUMBERS
    address = network_of(asked.user_ip) if asked.user_ip else ""
    return Keys(
        number=f"{scope}/n/{asked.to}",
        address=f"{scope}/a/{address}" if address else "",
        device=f"{scope}/d/{asked.device}" if asked.device else "",
        range=f"{profile}/r/{range_of(asked.to)}" if of_number else "",
        network=f"{profile}/w/{asked.network}" if of_number and asked.network else "",
        country=country_key(profile, asked.country) if of_number and asked.country else "",
        profile=f"{profile}/p",
        novel=f"{profile}/x",
    )


def country_key(profile_id: str, country: str) -> str:
    """The key of a country of a profile."""
    return f"{profile_id}/c/{country}"


def tallied(keys: Keys) -> tuple[str, str, str]:
    """The keys whose sends are counted by minute. Some may be empty."""
    return keys.country, keys.network, keys.novel


def profile_of(key: str) -> str:
    """The profile of a key that is of one."""
    return key.partition("/")[0]


def bunch_of(at: int, now: int) -> int:
    """What is summed of a range: 5 s if it is of the last ten minutes, else two minutes."""
    return at // (5 * SECOND if at >= now - 10 * MINUTE else 2 * MINUTE)


def sum_of(minute: int, now: int) -> int:
    """What is summed of tallies: the last five minutes are told apart."""
    return minute if minute >= now - 5 * MINUTE else minute // (10 * MINUTE)


def subject_of(key: str) -> str:
    """The part of a key that people know."""
    return key.split("/", 2)[2] if key.count("/") >= 2 else ""
