"""The table of routes in memory, and the choice of carriers for a message.

Rules kept here:
- test traffic goes only to simulated carriers (promise 9), whatever the route says;
- a pinned route is used or refused, never replaced;
- the order of carriers is the operator's; which of them is available is for dispatch to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from onesixty.core.contracts import CarrierConfig, RouteConfig
from onesixty.core.errors import Problem

#: The route that takes what names no route.
DEFAULT = "default"


class Choice(msgspec.Struct):
    """A route and its carriers for one message, first choice first; `carriers` is never empty."""

    route_id: str
    carriers: tuple[str, ...]


class Router:
    """The routes. `load` replaces the table at once; a choice made before stays with its message."""

    def __init__(self) -> None:
        self._simulated: frozenset[str] = frozenset()
        self._by_name: dict[str, Choice] = {}
        self._by_id: dict[str, Choice] = {}
        self._sandbox: tuple[str, ...] = ()

    def load(
        self, routes: Sequence[RouteConfig], carriers: Sequence[CarrierConfig], simulated: Iterable[str]
    ) -> None:
        """Take over the rows of `routes` and `carriers`; disabled and unknown carriers are left out.
        `simulated` are the ids of the carriers that test traffic may take."""
        enabled = {carrier.id for carrier in carriers if carrier.enabled}
        self._by_name.clear()
        self._by_id.clear()
        for route in sorted(routes, key=lambda route: route.created_at):
            if not route.enabled:
                continue
            named = msgspec.json.decode(route.carriers, type=list[str])
            choice = Choice(route.id, tuple(carrier for carrier in named if carrier in enabled))
            self._by_name[route.name] = choice
            self._by_id[route.id] = choice
        self._simulated = frozenset(simulated)
        self._sandbox = tuple(sorted(enabled & self._simulated))

    def choose(self, test: bool, pinned: str | None) -> Choice:
        """The route and carriers of a new message. Raises Problem: `unknown_route` or `no_route`."""
        if pinned is not None:
            choice = self._by_name.get(pinned) or self._by_id.get(pinned)
            if choice is None:
                raise Problem("unknown_route", f"There is no route {pinned!r}.", param="route")
        else:
            choice = self._by_name.get(DEFAULT) or next(iter(self._by_name.values()), None)
            if choice is None and not test:
                raise Problem("no_route", "There is no route yet: make one with POST /v1/routes.")
        if test:
            return self._for_test(choice)
        assert choice is not None
        if not choice.carriers:
            raise Problem("no_route", "The route has no enabled carrier.")
        return choice

    def _for_test(self, choice: Choice | None) -> Choice:
        simulated = tuple(c for c in choice.carriers if c in self._simulated) if choice else ()
        carriers = simulated or self._sandbox
        if not carriers:
            raise Problem("no_route", "Test traffic needs a simulated carrier, and there is none.")
        return Choice(choice.route_id if choice else "", carriers)

    def alternatives(self, route_id: str | None, test: bool) -> tuple[str, ...]:
        """The carriers of a message's route as they are now; empty when the route is gone."""
        choice = self._by_id.get(route_id or "")
        if test:
            try:
                return self._for_test(choice).carriers
            except Problem:
                return ()
        return choice.carriers if choice else ()
