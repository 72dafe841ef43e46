"""The API as doors of the front (`http.door`): `/v1/` for callers with a key, and the public pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from onesixty.http import problems
from onesixty.http.auth import BearerKeys, KeyRing
from onesixty.http.call import AsgiApp, Call, FindOpen, HotRoute
from onesixty.http.callers import PlacedCallers, SeveralCallers, Way
from onesixty.http.door import Callers, Door, Refused, Together
from onesixty.http.reading import MAX_BODY, JsonBodies
from onesixty.http.scopes import Principal

#: The name of the door in refusals.
NAME = "v1"


def v1_door(
    api: Any,
    ring: KeyRing,
    public_url: str,
    *,
    other_callers: Sequence[Way] = (),
    place: Callable[[Call, Principal], Principal] | None = None,
    hot: Mapping[tuple[str, str], HotRoute],
    together: Mapping[tuple[str, str], Together] | None = None,
    max_body: int = MAX_BODY,
    larger: Mapping[tuple[str, str], int] | None = None,
    raw: frozenset[tuple[str, str]] = frozenset(),
    repeated: Mapping[str, frozenset[str]] | None = None,
    find_open: FindOpen | None = None,
    refused: Refused | None = None,
) -> Door:
    """`/v1/`: JSON, problem documents, and callers with an API key. `other_callers` are further ways to identify a
    caller, asked if there is no key. `place` puts a caller in the account in which it acts."""
    keys = BearerKeys(ring)
    callers: Callers = SeveralCallers((keys, *other_callers)) if other_callers else keys
    if place is not None:
        callers = PlacedCallers(callers, place)
    return Door(
        name=NAME,
        prefix="/v1/",
        app=cast("AsgiApp", api),
        refuse=problems.documents(public_url),
        bodies=JsonBodies(),
        callers=callers,
        hot=hot,
        together=together or {},
        max_body=max_body,
        larger=larger or {},
        raw=raw,
        repeated=repeated or {},
        find_open=find_open,
        refused=refused,
    )


def pages_door(
    api: Any, public_url: str, *, max_body: int = MAX_BODY, find_open: FindOpen | None = None
) -> Door:
    """All paths outside other prefixes: documentation, health, metrics. No key is needed."""
    return Door(
        name="pages",
        prefix="/",
        app=cast("AsgiApp", api),
        refuse=problems.documents(public_url),
        bodies=JsonBodies(),
        max_body=max_body,
        find_open=find_open,
    )
