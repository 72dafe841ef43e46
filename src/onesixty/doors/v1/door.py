"""The API as doors of the front (`http.door`): `/v1/` for callers with a key, and the public pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from onesixty.http import problems
from onesixty.http.auth import BearerKeys, KeyRing
from onesixty.http.call import AsgiApp, FindOpen, HotRoute
from onesixty.http.door import Door, Refused, Together
from onesixty.http.reading import MAX_BODY, JsonBodies

#: The name of the door in refusals.
NAME = "v1"


def v1_door(
    api: Any,
    ring: KeyRing,
    public_url: str,
    *,
    hot: Mapping[tuple[str, str], HotRoute],
    together: Mapping[tuple[str, str], Together] | None = None,
    max_body: int = MAX_BODY,
    larger: Mapping[tuple[str, str], int] | None = None,
    find_open: FindOpen | None = None,
    refused: Refused | None = None,
) -> Door:
    """`/v1/`: API keys, JSON, problem documents."""
    return Door(
        name=NAME,
        prefix="/v1/",
        app=cast("AsgiApp", api),
        refuse=problems.documents(public_url),
        bodies=JsonBodies(),
        callers=BearerKeys(ring),
        hot=hot,
        together=together or {},
        max_body=max_body,
        larger=larger or {},
        find_open=find_open,
        refused=refused,
    )


def pages_door(api: Any, public_url: str, *, max_body: int = MAX_BODY) -> Door:
    """All paths outside other prefixes: documentation, health, metrics. No key is needed."""
    return Door(
        name="pages",
        prefix="/",
        app=cast("AsgiApp", api),
        refuse=problems.documents(public_url),
        bodies=JsonBodies(),
        max_body=max_body,
    )
