"""Several ways to identify the callers of one door, such as API keys and sessions; and where a caller acts.

Rules kept here:
- each way says whether a call is for it (`claims`); the first that does identifies the caller, alone. So a request
  with a wrong key is refused even if it also has a good cookie;
- a call that no way claims is refused by the first one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from onesixty.core.errors import Problem
from onesixty.http.call import Call
from onesixty.http.door import Callers
from onesixty.http.scopes import Principal


class Way(Callers, Protocol):
    """One way to identify callers."""

    def claims(self, call: Call) -> bool:
        """Whether the call has what this way reads: a header, a cookie."""


class SeveralCallers:
    """The callers of a door that knows several ways (`http.door.Callers`)."""

    __slots__ = ("_first", "_peek_first", "_ways")

    def __init__(self, ways: Sequence[Way]) -> None:
        self._ways = tuple(ways)
        self._first = self._ways[0]
        self._peek_first = self._first.peek

    def peek(self, call: Call) -> Principal | None:
        """See Callers. The first way is tried at once: it is the one of nearly all calls."""
        try:
            return self._peek_first(call)
        except Problem:
            way = self._of(call)
            if way is self._first:
                raise
        return way.peek(call)

    async def find(self, call: Call) -> Principal:
        """See Callers."""
        return await self._of(call).find(call)

    def _of(self, call: Call) -> Way:
        for way in self._ways:
            if way.claims(call):
                return way
        return self._first


class PlacedCallers:
    """The callers of a door, each placed in the account in which it acts (`http.door.Callers`)."""

    __slots__ = ("_callers", "_place")

    def __init__(self, callers: Callers, place: Callable[[Call, Principal], Principal]) -> None:
        self._callers = callers
        self._place = place

    def peek(self, call: Call) -> Principal | None:
        """See Callers."""
        caller = self._callers.peek(call)
        return None if caller is None else self._place(call, caller)

    async def find(self, call: Call) -> Principal:
        """See Callers."""
        return self._place(call, await self._callers.find(call))
