"""The table of routes in memory, and the choice of hops for a message.

Rules kept here:
- the first route that takes a message and has a carrier for it is chosen; a route without a usable carrier is
  skipped, but a route without filters ends the search;
- test traffic goes only to simulated carriers (promise 9), whatever a route says;
- a message goes only to carriers of its channel. A route without such a carrier is not there for it;
- a pinned route is used or refused, never replaced. Its filters are not evaluated, but a route for some accounts
  does not exist for others;
- carriers of the same order share messages by weight, based on the message id: the same message gives the same
  result;
- a message from one of our numbers goes over the carrier that hosts the number, if the route has that carrier;
- draining carriers, routes, accounts, senders and countries take no new messages. Whether a carrier is available is
  decided by dispatch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final
from zlib import crc32

import msgspec

from onesixty.channels.sms.orders import SMS
from onesixty.core.channel import Channels
from onesixty.core.clock import Clock
from onesixty.core.contracts import CarrierConfig, RouteConfig
from onesixty.core.errors import Problem
from onesixty.core.hop import Hop
from onesixty.core.message import Message
from onesixty.core.orders import Fact
from onesixty.routing import spec
from onesixty.routing.rules import DEFAULT, FILTERED, Named, Rule, Rules

__all__ = ["DEFAULT", "NOTHING_DRAINED", "Choice", "Considered", "Drained", "Explanation", "Router"]

#: The channels of carriers, if nothing is said of any.
_ALL_SMS: Final[Mapping[str, str]] = {}

#: What filters of routes and draining look at, of what several messages have in common.
_FACTS: Final[frozenset[Fact]] = frozenset(
    {"account", "test", "channel", "class", "sender", "country", "network"}
)

#: Seconds after which a sender may retry a draining route.
DRAINING_RETRY: Final = 60.0


#: Why a hop stands at its place (`Hop.reasons`): by its `order`, or by its share of the messages of that order. It is
#: tried after those of the first order; our number is hosted there; an operator bound the message to the carrier; the
#: message is test traffic, and its route has no simulated carrier.
ORDER: Final = "order"
WEIGHT: Final = "weight"
FAILOVER: Final = "failover"
OWN_NUMBER: Final = "own number"
BOUND: Final = "bound"
SANDBOX: Final = "sandbox"


class Choice(msgspec.Struct):
    """A route and its hops for one message, first choice first; `hops` is never empty. For a message bound to one
    carrier, the route is the carrier's id.
    """

    route_id: str
    hops: tuple[Hop, ...]


class Drained(msgspec.Struct, frozen=True):
    """Ids of draining carriers, routes and accounts, draining senders, and draining countries of recipients."""

    carriers: frozenset[str] = frozenset()
    routes: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    senders: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()


NOTHING_DRAINED: Final = Drained()


class Considered(msgspec.Struct):
    """A route or carrier that was considered. `reason` is `taken`, or why it was not."""

    id: str
    taken: bool
    reason: str


class Explanation(msgspec.Struct):
    """The explanation of a choice: the routes in order of evaluation, up to the one taken, and its carriers.
    `refusal` is set if there is no choice.
    """

    choice: Choice | None
    refusal: Problem | None
    routes: list[Considered]
    carriers: list[Considered]


class _Route:
    """An enabled route with the hops over its enabled carriers: by carrier, and in groups of the same order. `fixed`
    is set if no messages are shared.
    """

    __slots__ = ("accounts", "all", "channels", "fixed", "groups", "hops", "id", "name")

    def __init__(
        self, config: RouteConfig, row: spec.RouteSpec, plain: Mapping[str, Hop], known: Mapping[str, Hop]
    ) -> None:
        """`plain` are the hops over the enabled carriers, apart from what a route says about them; `known` also has
        those over disabled ones."""
        self.id = config.id
        self.name = config.name
        self.accounts = frozenset(row.match.accounts)
        placed = sorted(row.carriers, key=lambda entry: entry.order)
        self.all = tuple(entry.carrier_id for entry in placed)
        self.channels = frozenset(known[id_].channel if id_ in known else SMS for id_ in self.all)
        by_order: dict[int, list[spec.Placed]] = {}
        for entry in placed:
            if entry.carrier_id in plain:
                by_order.setdefault(entry.order, []).append(entry)
        self.hops: dict[str, Hop] = {}
        self.groups: list[list[tuple[Hop, int]]] = []
        for group in by_order.values():
            reasons = (WEIGHT if len(group) > 1 else ORDER, *((FAILOVER,) if self.groups else ()))
            self.groups.append([])
            for entry in group:
                hop = plain[entry.carrier_id]._replace(sender=entry.sender, reasons=reasons)
                self.hops[hop.carrier_id] = hop
                self.groups[-1].append((hop, entry.weight))
        self.fixed = (
            None if any(len(group) > 1 for group in self.groups) else tuple(g[0][0] for g in self.groups)
        )

    def order(self, message_id: str) -> tuple[Hop, ...]:
        """The hops for a message, first choice first."""
        if self.fixed is not None:
            return self.fixed
        found: list[Hop] = []
        seed = 0
        for group in self.groups:
            left = list(group)
            while len(left) > 1:
                seed = crc32(message_id.encode(), seed)
                found.append(left.pop(_share(left, seed))[0])
            found.append(left[0][0])
        return tuple(found)


def _share(group: Sequence[tuple[Hop, int]], seed: int) -> int:
    """The hop of a group for `seed`, which is evenly distributed over 32 bits."""
    at = seed * sum(weight for _, weight in group) >> 32
    for index, (_, weight) in enumerate(group):
        at -= weight
        if at < 0:
            return index
    raise AssertionError("the seed has more than 32 bits")


class Router:
    """The routes. `load` replaces the table at once; messages keep choices made before."""

    FILTERED = FILTERED

    def __init__(
        self,
        clock: Clock,
        channels: Channels,
        *,
        carrier_of_sender: Callable[[str], str | None] | None = None,
        hosts_version: Callable[[], int] = lambda: 0,
    ) -> None:
        """`carrier_of_sender` gives the id of the carrier that hosts one of our numbers; `hosts_version` counts the
        changes of what it says."""
        self._clock = clock
        self._channels = channels
        self._carrier_of_sender = carrier_of_sender
        self._hosts_version = hosts_version
        self._loads = 0
        #: What a choice for a message without tags depends on; None if on the recipient, the id or the time.
        self.facts: frozenset[Fact] | None = None
        #: The hops over all carriers, apart from what a route says about them.
        self._plain_hops: dict[str, Hop] = {}
        self._enabled: frozenset[str] = frozenset()
        #: The carriers that test traffic may take.
        self.simulated: frozenset[str] = frozenset()
        self._by_name: dict[str, _Route] = {}
        self._by_id: dict[str, _Route] = {}
        self._routes: list[_Route] = []
        self._rules = Rules((), channels)
        self._sandbox: tuple[Hop, ...] = ()
        self._drained = NOTHING_DRAINED
        #: The channel of all carriers; None if they have several.
        self._only: str | None = None
        #: The choice for every live message if no route has a filter and nothing is shared, apart from the sender.
        self._plain: Choice | None = None

    def empty(self, clock: Clock) -> Router:
        """Another router with the same channels, own numbers and drains, without routes. It tells the time by
        `clock`."""
        made = Router(
            clock,
            self._channels,
            carrier_of_sender=self._carrier_of_sender,
            hosts_version=self._hosts_version,
        )
        made.drain(self._drained)
        return made

    def load(
        self,
        routes: Sequence[RouteConfig],
        carriers: Sequence[CarrierConfig],
        simulated: Iterable[str],
        channels: Mapping[str, str] = _ALL_SMS,
    ) -> None:
        """Load the rows of `routes` and `carriers`; disabled and unknown carriers are ignored. `simulated` are the
        ids of the carriers that test traffic may use. `channels` gives the channel of a carrier by its id; those
        that are missing are carriers of SMS.
        """
        self._plain_hops = {
            carrier.id: Hop(
                carrier.id,
                cost=carrier.cost_per_segment,
                currency=carrier.currency,
                channel=channels.get(carrier.id, SMS),
            )
            for carrier in carriers
        }
        found = {hop.channel for hop in self._plain_hops.values()}
        self._only = found.pop() if len(found) == 1 else None
        self._enabled = frozenset(carrier.id for carrier in carriers if carrier.enabled)
        plain = {id_: hop for id_, hop in self._plain_hops.items() if id_ in self._enabled}
        rows = [(r, spec.read(r.carriers, r.match, r.priority)) for r in routes if r.enabled]
        self._routes = [_Route(config, row, plain, self._plain_hops) for config, row in rows]
        self._by_name = {route.name: route for route in self._routes}
        self._by_id = {route.id: route for route in self._routes}
        self._rules = Rules(
            (
                Named(config.id, config.name, row.priority, config.created_at, row.match)
                for config, row in rows
            ),
            self._channels,
        )
        self.simulated = frozenset(simulated)
        self._sandbox = tuple(
            plain[id_]._replace(reasons=(SANDBOX,)) for id_ in sorted(self._enabled & self.simulated)
        )
        self._settle()

    def drain(self, drained: Drained) -> None:
        """Replace what is draining."""
        self._drained = drained
        self._settle()

    @property
    def version(self) -> tuple[int, int]:
        """Changes with whatever changes choices."""
        return self._loads, self._hosts_version()

    def _settle(self) -> None:
        self._loads += 1
        self.facts = None
        if self._rules.by_facts and all(route.fixed is not None for route in self._routes):
            self.facts = _FACTS
        self._plain = None
        rules = self._rules.all
        if rules and not self._rules.filtered and self._drained == NOTHING_DRAINED:
            route = self._routes[rules[0].place]
            if route.fixed:
                self._plain = Choice(route.id, route.fixed)

    # ------------------------------------------------------------ choosing

    def choose(self, message: Message) -> Choice:
        """The route and hops of a message. Raises Problem: `unknown_route`, `no_route` or `draining`."""
        test = message.test
        if message.pinned_route is not None:
            route = self._pinned(message, message.pinned_route)
            hops = self._hops(route, message)
            if hops:
                return Choice(route.id, hops)
            if test and (sandbox := self._sandbox_of(message)):
                return Choice(route.id, sandbox)
            raise self._refusal(message, [route])
        plain = self._plain
        if plain is not None and not test and message.channel == self._only:
            if self._carrier_of_sender is None or len(plain.hops) == 1:
                return plain
            hops = self._own_first(plain.hops, message.sender)
            return plain if hops is plain.hops else Choice(plain.route_id, hops)
        self._check_drained(message)
        asked: list[_Route] = []
        for rule in self._rules.matching(message, self._clock.now_ms()):
            route = self._routes[rule.place]
            asked.append(route)
            hops = self._hops(route, message)
            if hops:
                return Choice(route.id, hops)
            if (test or not rule.filtered) and message.channel in route.channels:
                break
        if test and (sandbox := self._sandbox_of(message)):
            return Choice(asked[0].id if asked else "", sandbox)
        raise self._refusal(message, asked)

    def over(self, carrier_id: str, message: Message) -> Choice:
        """The choice of one carrier without a route, by an operator. Raises Problem `no_route`."""
        if carrier_id not in self._enabled:
            raise Problem("no_route", "The carrier is disabled.")
        if message.test and carrier_id not in self.simulated:
            raise Problem("no_route", "Test traffic can use only simulated carriers.")
        if message.channel != self._plain_hops[carrier_id].channel:
            raise Problem("no_route", "The carrier is of another channel.")
        return self._bound(carrier_id)

    def along(self, route_id: str, message: Message) -> Choice:
        """The choice of one route for an accepted message, by an operator. Raises Problem."""
        route = self._by_id.get(route_id)
        hops = self._hops(route, message) if route is not None else ()
        if route is None or not hops:
            raise Problem("no_route", "The route is disabled or has no carrier for this message.")
        return Choice(route.id, hops)

    def again(self, message: Message) -> Choice:
        """The current choice for a message that has a route: by that route, or a new choice if the route is deleted
        or has no carrier left. Raises Problem.
        """
        if message.route_id in self._enabled:
            return self._bound(message.route_id)
        route = self._by_id.get(message.route_id or "")
        hops = self._hops(route, message) if route is not None else ()
        if route is not None and hops:
            return Choice(route.id, hops)
        return self.choose(message)

    def hop(self, message: Message, carrier_id: str) -> Hop:
        """The hop over the carrier that has the message, by its route as it is now. If no route has the carrier any
        more, the message goes there with its own sender.
        """
        route = self._by_id.get(message.route_id or "")
        hop = route.hops.get(carrier_id) if route is not None else None
        if hop is None and message.route_id != carrier_id:  # perhaps failover chose by another route
            try:
                hops = self.again(message).hops
            except Problem:
                hops = ()
            hop = next((hop for hop in hops if hop.carrier_id == carrier_id), None)
        return hop or self._plain_hops.get(carrier_id) or Hop(carrier_id)

    def _bound(self, carrier_id: str) -> Choice:
        return Choice(carrier_id, (self._plain_hops[carrier_id]._replace(reasons=(BOUND,)),))

    def _pinned(self, message: Message, name: str) -> _Route:
        route = self._by_name.get(name) or self._by_id.get(name)
        if route is None or (route.accounts and message.account_id not in route.accounts):
            raise Problem("unknown_route", f"Unknown route `{name}`.", param="route")
        self._check_drained(message)
        return route

    def _check_drained(self, message: Message) -> None:
        drained = self._drained
        if (
            message.account_id in drained.accounts
            or message.sender in drained.senders
            or message.country in drained.countries
        ):
            raise Problem("draining", retry_after=DRAINING_RETRY)

    def _hops(self, route: _Route, message: Message) -> tuple[Hop, ...]:
        """The hops of the route that a new message may take."""
        if route.id in self._drained.routes:
            return ()
        hops = route.order(message.id)
        if message.test or self._drained.carriers or message.channel != self._only:
            hops = tuple(hop for hop in hops if self._objection(hop.carrier_id, message) is None)
        if self._carrier_of_sender is not None and len(hops) > 1:
            return self._own_first(hops, message.sender)
        return hops

    def _own_first(self, hops: tuple[Hop, ...], sender: str) -> tuple[Hop, ...]:
        """Put the carrier that hosts the sender first, if the sender is one of our numbers."""
        assert self._carrier_of_sender is not None
        own = self._carrier_of_sender(sender)
        if own is None or own == hops[0].carrier_id:
            return hops
        for hop in hops:
            if hop.carrier_id == own:
                first = hop._replace(reasons=(OWN_NUMBER,))
                return (first, *(other for other in hops if other is not hop))
        return hops

    def _sandbox_of(self, message: Message) -> tuple[Hop, ...]:
        """The simulated carriers of the message's channel."""
        return tuple(hop for hop in self._sandbox if hop.channel == message.channel)

    def _objection(self, carrier_id: str, message: Message) -> str | None:
        if carrier_id not in self._enabled:
            return "disabled"
        if message.channel != self._plain_hops[carrier_id].channel:
            return "other channel"
        if message.test and carrier_id not in self.simulated:
            return "not simulated"
        return "drained" if carrier_id in self._drained.carriers else None

    def _refusal(self, message: Message, asked: Sequence[_Route]) -> Problem:
        drained = self._drained
        if any(r.id in drained.routes or not drained.carriers.isdisjoint(r.all) for r in asked):
            return Problem("draining", retry_after=DRAINING_RETRY)
        if message.test:
            return Problem("no_route", "Test traffic needs a simulated carrier, but there is none.")
        if asked:
            return Problem("no_route", "The route has no enabled carrier.")
        if not self._routes:
            return Problem("no_route", "There is no route yet. Create one with POST /v1/routes.")
        return Problem("no_route")

    # ------------------------------------------------------------ explaining

    def explain(self, message: Message, left: Sequence[Hop] | None = None) -> Explanation:
        """Explain what `choose` does with the message. `left` are the hops that the steps left, if they judged."""
        try:
            choice, refusal = self.choose(message), None
        except Problem as problem:
            choice, refusal = None, problem
        taken = choice.route_id if choice is not None else None
        routes = list(self._considered(message, taken))
        route = self._by_id.get(taken or "")
        carriers = [] if route is None else self._weighed(route, message, choice)
        if choice is not None and left is not None:
            kept = {hop.carrier_id for hop in left}
            away = {hop.carrier_id for hop in choice.hops} - kept
            carriers = [Considered(one.id, False, "rule") if one.id in away else one for one in carriers]
            choice = Choice(choice.route_id, tuple(left))
        return Explanation(choice, refusal, routes, carriers)

    def _considered(self, message: Message, taken: str | None) -> Iterator[Considered]:
        if message.pinned_route is not None:
            if taken is not None:
                yield Considered(taken, True, "pinned")
            return
        now = self._clock.now_ms()
        found: dict[str, tuple[Rule, str | None]] = {}
        for rule in self._rules.all:  # a route has several rules if its prefixes have several lengths
            failed = rule.fails(message, now)
            if rule.route_id not in found or (failed is None and found[rule.route_id][1] is not None):
                found[rule.route_id] = (rule, failed)
        for rule, failed in sorted(found.values(), key=lambda entry: entry[0].rank):
            if rule.route_id == taken:
                yield Considered(rule.route_id, True, "taken")
                return
            drained = rule.route_id in self._drained.routes
            yield Considered(rule.route_id, False, failed or ("drained" if drained else "no carrier"))
            if not rule.filtered and message.channel in self._by_id[rule.route_id].channels:
                return

    def _weighed(self, route: _Route, message: Message, choice: Choice | None) -> list[Considered]:
        order = [hop.carrier_id for hop in choice.hops] if choice is not None else []
        listed = [Considered(carrier, True, "taken") for carrier in order]
        listed += [
            Considered(carrier, False, self._objection(carrier, message) or "drained")
            for carrier in route.all
            if carrier not in order
        ]
        return listed
