"""The order in which routes are tried: of lists, and of a new order that is given to all routes at once.

Rules kept here:
- the order is that of the router (`routing.rules`);
- a cursor is the place of a route, not its id: a list goes on at its place also if that route has been removed;
- a new order names every route once. A route keeps its priority if it stands behind the one before anyway; otherwise
  it gets the lowest one with which it does. So an order that holds changes nothing, and no priority falls: a route
  without filters never comes before new routes of the default priority.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from onesixty.core import ids
from onesixty.core.contracts import RouteConfig
from onesixty.core.errors import Problem
from onesixty.network.configs import spec_of
from onesixty.routing.rules import Key, Named, key_of
from onesixty.routing.spec import HIGHEST


def key(route: RouteConfig) -> Key:
    """Where a route stands: the smaller one is tried first."""
    return key_of(Named(route.id, route.name, route.priority, route.created_at, spec_of(route).match))


def in_order(routes: Iterable[RouteConfig]) -> list[RouteConfig]:
    """The routes in the order in which they are tried."""
    return sorted(routes, key=key)


def cursor_of(route: RouteConfig) -> str:
    """The cursor of a list after this route."""
    return "_".join(map(str, key(route)))


def place_of(cursor: str) -> Key | None:
    """The place that a cursor stands for; None if it is no cursor of this list."""
    *numbers, id_ = cursor.split("_", 5)
    if len(numbers) != 5 or not ids.is_id(ids.ROUTE, id_):
        return None
    try:
        priority, filters, narrow, last, created_at = map(int, numbers)
    except ValueError:
        return None
    return priority, filters, narrow, last, created_at, id_


def page(
    routes: Iterable[RouteConfig], limit: int, after: str | None
) -> tuple[list[RouteConfig], str | None]:
    """A page of the routes in their order, and the cursor of the next one."""
    place = None if after is None else place_of(after)
    found = [route for route in in_order(routes) if place is None or key(route) > place]
    return found[:limit], cursor_of(found[limit - 1]) if len(found) > limit else None


def put_in_order(routes: Sequence[RouteConfig], named: Sequence[str], param: str) -> list[RouteConfig]:
    """The routes in a new order, with priorities that keep it. `named` are their names or ids; `param` says where
    they are from, with `{}` for the place. Raises Problem unless each route is named once."""
    known = {name: route for route in routes for name in (route.name, route.id)}
    placed: dict[str, RouteConfig] = {}
    for index, name in enumerate(named):
        route = known.get(name)
        if route is None:
            raise Problem("invalid_field", f"Unknown route `{name}`.", param=param.format(index))
        if route.id in placed:
            raise Problem("invalid_field", f"The route `{name}` appears twice.", param=param.format(index))
        placed[route.id] = route
    left = [route.name for route in routes if route.id not in placed]
    if left:
        raise Problem(
            "invalid_field",
            f"The order must name every route; `{left[0]}` is missing.",
            param=param.partition("[")[0],
        )
    after: list[RouteConfig] = []
    for route in placed.values():
        after.append(_behind(after[-1], route) if after else route)
    return after


def _behind(before: RouteConfig, route: RouteConfig) -> RouteConfig:
    """The route with the lowest priority, from its own on, with which it stands behind another. Raises Problem."""
    for priority in (route.priority, before.priority, before.priority + 1):
        placed = msgspec.structs.replace(route, priority=priority)
        if key(before) < key(placed):
            break
    if placed.priority > HIGHEST:
        raise Problem("conflict", f"No priority is left for `{route.name}`. Lower that of `{before.name}`.")
    return placed
