"""Starts for the tests of guards."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from onesixty.core.tenant import Tenant
from onesixty.verify.attacks.memory import bunched
from onesixty.verify.guarding import Asked
from onesixty.verify.guards.case import IN_VAIN, Case
from onesixty.verify.guards.facts import (
    MINUTE,
    Baseline,
    Mark,
    MarkState,
    Recalled,
    Tally,
    Trace,
    keys_of,
)
from onesixty.verify.guards.judging import judge
from onesixty.verify.guards.limits import GuardLimits
from onesixty.verify.guards.verdict import Judged

NOW = 1_790_000_000_000 // MINUTE * MINUTE
GERMANY = GuardLimits(countries=("DE",))
_numbers = itertools.count(1)


def asked(**changed: Any) -> Asked:
    """A start of a verification."""
    given: dict[str, Any] = {
        "tenant": Tenant("acc_1", False),
        "profile_id": "vpr_1",
        "verification_id": "ver_new",
        "to": "+4915112345678",
        "channel": "sms",
        "country": "DE",
        "network": None,
        "first": True,
        "sends": 0,
        "user_ip": "198.51.100.7",
        "device": None,
        "price": 75_000,
        "currency": "EUR",
        "at": NOW,
    }
    return Asked(**(given | changed))


KEYS = keys_of(asked(network="26201", device="phone"))


def mark(seconds_ago: float, state: MarkState = "open", to: str = "+4915112340000", sends: int = 1) -> Mark:
    """A verification of some seconds ago."""
    return Mark(f"ver_{next(_numbers)}", NOW - round(seconds_ago * 1000), to, state, sends)


def marks(
    count: int, seconds_ago: float, state: MarkState = "open", first: int = 0, step: int = 97
) -> list[Mark]:
    """Verifications of as many numbers of one range, far enough apart to be no sequence."""
    return [
        mark(seconds_ago + place, state, f"+491511234{first + place * step:04d}") for place in range(count)
    ]


def judged(
    recalled: Recalled | None = None,
    limits: GuardLimits = GERMANY,
    baseline: Baseline | None = None,
    **changed: Any,
) -> Judged:
    """The verdict on a start."""
    case = Case(asked(**changed), limits, recalled or Recalled(), baseline or Baseline())
    return judge(case, lambda: "vbl_new")


def minutes(*counted: tuple[int, int], ago: int = 10, fresh: bool = False) -> tuple[Tally, ...]:
    """Tallies of (sent, approved), one a minute, the first of them `ago` minutes ago. `fresh`: all to new ranges."""
    return tuple(
        Tally(NOW - (ago - place) * MINUTE, *each, *(each if fresh else (0, 0)))
        for place, each in enumerate(counted)
    )


def newest_first(found: Sequence[Mark]) -> tuple[Mark, ...]:
    """Marks as they are recalled."""
    return tuple(sorted(found, key=lambda each: -each.at))


def of_range(*found: Sequence[Mark], **also: Any) -> Recalled:
    """What is recalled of these verifications of the range."""
    marks = newest_first([each for some in found for each in some])
    near = tuple(each for each in marks if each.state in IN_VAIN)
    return Recalled(range=bunched((each for each in marks if each.state != "held"), NOW), near=near, **also)


def approved_before(key: str, seconds: float) -> dict[str, Trace]:
    """An approval at a key."""
    return {key: Trace(1, NOW - round(seconds * 1000), 0)}
