"""Tries draft routes against recent messages: which way each would go by the routes as they are, and as drafted.

Rules kept here:
- nothing is sent or kept. Both tables are routers of their own; the one that routes messages is not touched;
- both tables judge a message at the time of its acceptance, by its id: so routes with times, and shares by weight,
  decide as they would have;
- what is compared is the first hop: which carrier is up, and what steps of the account take away, is not simulated;
- it gives way to other work after every few messages.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from onesixty.core.contracts import CarrierConfig, RouteConfig
from onesixty.core.errors import Problem
from onesixty.core.hop import Hop
from onesixty.core.message import Message
from onesixty.routing.router import Router

#: Messages between two pauses.
TURN: Final = 100
#: Ids shown of each group of changed messages.
SAMPLES: Final = 3

SAME: Final = "same"
OTHER_ROUTE: Final = "other_route"
OTHER_CARRIER: Final = "other_carrier"
REFUSED: Final = "newly_refused"
TAKEN: Final = "newly_taken"
#: What a draft does with a message.
RESULTS: Final = (SAME, OTHER_ROUTE, OTHER_CARRIER, REFUSED, TAKEN)


class Way(NamedTuple):
    """Where a message goes: route and carrier by id, and the sender there; or the code of its refusal."""

    route: str | None
    carrier: str | None
    sender: str | None
    error: str | None


class Network(NamedTuple):
    """The carriers that routes lead to: the rows, the ids of the simulated ones, and the channel of each."""

    carriers: Sequence[CarrierConfig]
    simulated: Sequence[str]
    channels: Mapping[str, str]


class Group(msgspec.Struct):
    """Messages whose way changes in the same manner."""

    before: Way
    after: Way
    messages: int = 0
    segments: int = 0
    countries: Counter[str] = msgspec.field(default_factory=Counter)
    sample: list[str] = []


class Simulation(msgspec.Struct):
    """What a draft would change. Costs are in micro-units by currency: before, after."""

    counts: Counter[str] = msgspec.field(default_factory=Counter)
    groups: dict[tuple[Way, Way], Group] = {}
    costs: dict[str, list[int]] = {}


class _MessageTime:
    """A clock that shows the time of the message that is judged."""

    def __init__(self) -> None:
        self.ms = 0

    def now_ms(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1000


async def simulate(
    router: Router,
    network: Network,
    now: Sequence[RouteConfig],
    draft: Sequence[RouteConfig],
    messages: Sequence[Message],
) -> Simulation:
    """Try the routes `now` and `draft` with these messages. `router` is the one of the node."""
    clock = _MessageTime()
    before, after = router.empty(clock), router.empty(clock)
    before.load(now, network.carriers, network.simulated, network.channels)
    after.load(draft, network.carriers, network.simulated, network.channels)
    found = Simulation()
    for number, message in enumerate(messages, 1):
        clock.ms = message.created_at
        _compare(found, message, _way(before, message), _way(after, message))
        if number % TURN == 0:
            await asyncio.sleep(0)
    return found


def _way(router: Router, message: Message) -> tuple[Way, Hop | None]:
    try:
        choice = router.choose(message)
    except Problem as problem:
        return Way(None, None, None, problem.code), None
    hop = choice.hops[0]
    return Way(choice.route_id or None, hop.carrier_id, hop.sender or message.sender, None), hop


def _compare(
    found: Simulation, message: Message, before: tuple[Way, Hop | None], after: tuple[Way, Hop | None]
) -> None:
    (was, old), (is_, new) = before, after
    found.counts[_result(was, is_)] += 1
    for place, hop in enumerate((old, new)):
        if hop is not None and hop.cost:
            found.costs.setdefault(hop.currency, [0, 0])[place] += hop.cost * message.segments
    if was == is_:
        return
    # The sender is a part of the way only if the route gives another one.
    key = (was._replace(sender=None), is_._replace(sender=None))
    group = found.groups.setdefault(key, Group(*key))
    group.messages += 1
    group.segments += message.segments
    group.countries[message.country or ""] += 1
    if len(group.sample) < SAMPLES:
        group.sample.append(message.id)


def _result(was: Way, is_: Way) -> str:
    if was == is_:
        return SAME
    if is_.error is not None:
        return REFUSED if was.error is None else SAME
    if was.error is not None:
        return TAKEN
    return OTHER_CARRIER if was.carrier != is_.carrier else OTHER_ROUTE
