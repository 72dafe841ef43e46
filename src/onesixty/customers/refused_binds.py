"""The refused binds of customers on this node, for those who look why a bind does not work.

Rules kept here:
- equal ones (system_id, address, reason) are one entry with a count, so that a client that tries again each second
  does not push the others out;
- memory is bounded, apart for known and for unknown system_ids: strangers who guess push out only each other;
- a password is never kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

import msgspec

from onesixty.core.tenant import Tenant

#: The most entries of known system_ids, and of unknown ones.
MOST: Final = 500
MOST_UNKNOWN: Final = 200


class RefusedBind(msgspec.Struct, kw_only=True):
    """Equal refused binds. `tenant` and `credential_id` are None for an unknown system_id. Times in epoch ms."""

    system_id: str
    address: str
    tls: bool
    kind: str
    reason: str
    status: str
    tenant: Tenant | None
    credential_id: str | None
    first_at: int
    last_at: int
    count: int = 1


class RefusedBinds:
    """The refused binds, newest first."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str, str], RefusedBind] = OrderedDict()
        self._unknown: OrderedDict[tuple[str, str, str], RefusedBind] = OrderedDict()

    def add(self, refused: RefusedBind) -> None:
        """Keep a refused bind, or count it with an equal one."""
        kept, most = (self._unknown, MOST_UNKNOWN) if refused.tenant is None else (self._known, MOST)
        key = (refused.system_id, refused.address, refused.reason)
        earlier = kept.pop(key, None)
        if earlier is not None:
            refused.first_at, refused.count = earlier.first_at, earlier.count + 1
        kept[key] = refused
        while len(kept) > most:
            kept.popitem(last=False)

    def __iter__(self) -> Iterator[RefusedBind]:
        found = [*self._known.values(), *self._unknown.values()]
        return iter(sorted(found, key=lambda one: one.last_at, reverse=True))
