"""Finds the hot route of a request: by its exact path, or by a template with one `{id}`.

    "/v1/sms/send"                         # an exact path
    "/v1/verifications/{id}/check"         # a template: what stands for `{id}` is in `Call.item`

Rules kept here:
- an exact path comes before a template;
- a template takes only what an id of ours looks like. Any other path, with an escape or a query for example, goes on
  to the app of the door, whose route is the same callable. So both give the same answers;
- requests are counted under the template: no metric has an id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from onesixty.http.call import HotRoute
from onesixty.http.door import Door, Together
from onesixty.http.ticks import Tick

#: What stands for an id in a template.
ITEM: Final = "{id}"
_ITEM: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Hot(NamedTuple):
    """A hot route, its door and the path under which it is counted. `together` and `tick` are set if it answers
    several calls in one go."""

    route: HotRoute
    door: Door
    path: str
    together: Together | None = None
    tick: Tick | None = None


class Found(NamedTuple):
    """The hot route of a request, and what stands for `{id}` in its path; empty for an exact path."""

    hot: Hot
    item: str


class _Template(NamedTuple):
    before: str
    after: str
    hot: Hot


class HotRoutes:
    """The hot routes of all doors."""

    __slots__ = ("_exact", "_templates")

    def __init__(self, routes: Iterable[tuple[str, Hot]]) -> None:
        """`routes` are methods and what they call. Raises ValueError for a template with two ids."""
        self._exact: dict[tuple[str, str], Found] = {}
        self._templates: dict[str, list[_Template]] = {}
        for method, hot in routes:
            before, item, after = hot.path.partition(ITEM)
            if "{" in before or "{" in after:
                raise ValueError(f"a hot route has one `{ITEM}` at most: {hot.path}")
            if item:
                self._templates.setdefault(method, []).append(_Template(before, after, hot))
            else:
                self._exact[method, hot.path] = Found(hot, "")

    def find(self, method: str, path: str) -> Found | None:
        """The hot route of a request; None if it has none."""
        found = self._exact.get((method, path))
        if found is not None:
            return found
        for before, after, hot in self._templates.get(method, ()):
            if path.startswith(before) and path.endswith(after):
                item = path[len(before) : len(path) - len(after)]
                if _ITEM.fullmatch(item):
                    return Found(hot, item)
        return None
