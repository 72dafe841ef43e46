"""The table of routes in memory, and the choice of carriers for a message.

Rules kept here:
- the first route that takes a message and has a carrier for it is chosen; a route without a usable carrier is
  skipped, but a route without filters ends the search;
- test traffic goes only to simulated carriers (promise 9), whatever a route says;
- a pinned route is used or refused, never replaced. Its filters are not evaluated, but a route for some accounts
  does not exist for others;
- carriers of the same order share messages by weight, based on the message id: the same message gives the same
  result;
- a message from one of our numbers goes over the carrier that hosts the number, if the route has that carrier;
- draining carriers, routes, accounts and senders take no new messages. Whether a carrier is available is decided by
  dispatch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final
from zlib import crc32

import msgspec

from onesixty.core.clock import Clock
from onesixty.core.contracts import CarrierConfig, RouteConfig
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.routing import spec
from onesixty.routing.rules import DEFAULT, FILTERED, Named, Rule, Rules

__all__ = ["DEFAULT", "NOTHING_DRAINED", "Choice", "Considered", "Drained", "Explanation", "Router"]

#: Seconds after which a sender may retry a draining route.
DRAINING_RETRY: Final = 60.0


class Choice(msgspec.Struct):
    """A route and its carriers for one message, first choice first; `carriers` is never empty. For a message bound
    to one carrier, the route is the carrier's id.
    """

    route_id: str
    carriers: tuple[str, ...]


class Drained(msgspec.Struct, frozen=True):
    """Ids of draining carriers, routes and accounts, and draining senders."""

    carriers: frozenset[str] = frozenset()
    routes: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    senders: frozenset[str] = frozenset()


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
    """An enabled route with its enabled carriers in groups of the same order; `fixed` if no messages are shared."""

    __slots__ = ("accounts", "all", "fixed", "groups", "id", "name")

    def __init__(self, config: RouteConfig, row: spec.RouteSpec, enabled: frozenset[str]) -> None:
        self.id = config.id
        self.name = config.name
        self.accounts = frozenset(row.match.accounts)
        placed = sorted(row.carriers, key=lambda entry: entry[1])
        self.all = tuple(id_ for id_, _, _ in placed)
        by_order: dict[int, list[tuple[str, int]]] = {}
        for id_, order, weight in placed:
            if id_ in enabled:
                by_order.setdefault(order, []).append((id_, weight))
        self.groups = list(by_order.values())
        self.fixed = (
            None if any(len(group) > 1 for group in self.groups) else tuple(g[0][0] for g in self.groups)
        )

    def order(self, message_id: str) -> tuple[str, ...]:
        """The carriers for a message, first choice first."""
        if self.fixed is not None:
            return self.fixed
        found: list[str] = []
        seed = 0
        for group in self.groups:
            left = list(group)
            while len(left) > 1:
                seed = crc32(message_id.encode(), seed)
                found.append(left.pop(_share(left, seed))[0])
            found.append(left[0][0])
        return tuple(found)


def _share(group: Sequence[tuple[str, int]], seed: int) -> int:
    """The carrier of a group for `seed`, which is evenly distributed over 32 bits."""
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
        *,
        carrier_of_sender: Callable[[str], str | None] | None = None,
    ) -> None:
        """`carrier_of_sender` gives the id of the carrier that hosts one of our numbers."""
        self._clock = clock
        self._carrier_of_sender = carrier_of_sender
        self._enabled: frozenset[str] = frozenset()
        #: The carriers that test traffic may take.
        self.simulated: frozenset[str] = frozenset()
        self._by_name: dict[str, _Route] = {}
        self._by_id: dict[str, _Route] = {}
        self._routes: list[_Route] = []
        self._rules = Rules(())
        self._sandbox: tuple[str, ...] = ()
        self._drained = NOTHING_DRAINED
        #: The choice for every live message if no route has a filter and nothing is shared, apart from the sender.
        self._plain: Choice | None = None

    def load(
        self, routes: Sequence[RouteConfig], carriers: Sequence[CarrierConfig], simulated: Iterable[str]
    ) -> None:
        """Load the rows of `routes` and `carriers`; disabled and unknown carriers are ignored. `simulated` are the
        ids of the carriers that test traffic may use.
        """
        self._enabled = frozenset(carrier.id for carrier in carriers if carrier.enabled)
        rows = [(r, spec.read(r.carriers, r.match, r.priority)) for r in routes if r.enabled]
        self._routes = [_Route(config, row, self._enabled) for config, row in rows]
        self._by_name = {route.name: route for route in self._routes}
        self._by_id = {route.id: route for route in self._routes}
        self._rules = Rules(
            Named(config.id, config.name, row.priority, config.created_at, row.match) for config, row in rows
        )
        self.simulated = frozenset(simulated)
        self._sandbox = tuple(sorted(self._enabled & self.simulated))
        self._settle()

    def drain(self, drained: Drained) -> None:
        """Replace what is draining."""
        self._drained = drained
        self._settle()

    def _settle(self) -> None:
        self._plain = None
        rules = self._rules.all
        if rules and not self._rules.filtered and self._drained == NOTHING_DRAINED:
            route = self._routes[rules[0].place]
            if route.fixed:
                self._plain = Choice(route.id, route.fixed)

    # ------------------------------------------------------------ choosing

    def choose(self, message: Message) -> Choice:
        """The route and carriers of a message. Raises Problem: `unknown_route`, `no_route` or `draining`."""
        test = message.test
        if message.pinned_route is not None:
            route = self._pinned(message, message.pinned_route)
            carriers = self._carriers(route, message)
            if carriers:
                return Choice(route.id, carriers)
            if test and self._sandbox:
                return Choice(route.id, self._sandbox)
            raise self._refusal(message, [route])
        plain = self._plain
        if plain is not None and not test:
            if self._carrier_of_sender is None or len(plain.carriers) == 1:
                return plain
            carriers = self._own_first(plain.carriers, message.sender)
            return plain if carriers is plain.carriers else Choice(plain.route_id, carriers)
        self._check_drained(message)
        asked: list[_Route] = []
        for rule in self._rules.matching(message, self._clock.now_ms()):
            route = self._routes[rule.place]
            asked.append(route)
            carriers = self._carriers(route, message)
            if carriers:
                return Choice(route.id, carriers)
            if test or not rule.filtered:
                break
        if test and self._sandbox:
            return Choice(asked[0].id if asked else "", self._sandbox)
        raise self._refusal(message, asked)

    def over(self, carrier_id: str, message: Message) -> Choice:
        """The choice of one carrier without a route, by an operator. Raises Problem `no_route`."""
        if carrier_id not in self._enabled:
            raise Problem("no_route", "The carrier is disabled.")
        if message.test and carrier_id not in self.simulated:
            raise Problem("no_route", "Test traffic can use only simulated carriers.")
        return Choice(carrier_id, (carrier_id,))

    def along(self, route_id: str, message: Message) -> Choice:
        """The choice of one route for an accepted message, by an operator. Raises Problem."""
        route = self._by_id.get(route_id)
        carriers = self._carriers(route, message) if route is not None else ()
        if route is None or not carriers:
            raise Problem("no_route", "The route is disabled or has no carrier for this message.")
        return Choice(route.id, carriers)

    def again(self, message: Message) -> Choice:
        """The current choice for a message that has a route: by that route, or a new choice if the route is deleted
        or has no carrier left. Raises Problem.
        """
        if message.route_id in self._enabled:
            return Choice(message.route_id, (message.route_id,))  # bound to one carrier
        route = self._by_id.get(message.route_id or "")
        carriers = self._carriers(route, message) if route is not None else ()
        if route is not None and carriers:
            return Choice(route.id, carriers)
        return self.choose(message)

    def _pinned(self, message: Message, name: str) -> _Route:
        route = self._by_name.get(name) or self._by_id.get(name)
        if route is None or (route.accounts and message.account_id not in route.accounts):
            raise Problem("unknown_route", f"Unknown route `{name}`.", param="route")
        self._check_drained(message)
        return route

    def _check_drained(self, message: Message) -> None:
        drained = self._drained
        if message.account_id in drained.accounts or message.sender in drained.senders:
            raise Problem("draining", retry_after=DRAINING_RETRY)

    def _carriers(self, route: _Route, message: Message) -> tuple[str, ...]:
        """The carriers of the route that may take a new message."""
        if route.id in self._drained.routes:
            return ()
        carriers = route.order(message.id)
        if message.test or self._drained.carriers:
            carriers = tuple(c for c in carriers if self._objection(c, message.test) is None)
        if self._carrier_of_sender is not None and len(carriers) > 1:
            return self._own_first(carriers, message.sender)
        return carriers

    def _own_first(self, carriers: tuple[str, ...], sender: str) -> tuple[str, ...]:
        """Put the carrier that hosts the sender first, if the sender is one of our numbers."""
        assert self._carrier_of_sender is not None
        own = self._carrier_of_sender(sender)
        if own not in carriers or own == carriers[0]:
            return carriers
        return (own, *(carrier for carrier in carriers if carrier != own))

    def _objection(self, carrier_id: str, test: bool) -> str | None:
        if carrier_id not in self._enabled:
            return "disabled"
        if test and carrier_id not in self.simulated:
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

    def explain(self, message: Message) -> Explanation:
        """Explain what `choose` does with the message."""
        try:
            choice, refusal = self.choose(message), None
        except Problem as problem:
            choice, refusal = None, problem
        taken = choice.route_id if choice is not None else None
        routes = list(self._considered(message, taken))
        route = self._by_id.get(taken or "")
        carriers = [] if route is None else self._weighed(route, message, choice)
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
            if not rule.filtered:
                return

    def _weighed(self, route: _Route, message: Message, choice: Choice | None) -> list[Considered]:
        order = choice.carriers if choice is not None else ()
        listed = [Considered(carrier, True, "taken") for carrier in order]
        listed += [
            Considered(carrier, False, self._objection(carrier, message.test) or "drained")
            for carrier in route.all
            if carrier not in order
        ]
        return listed
