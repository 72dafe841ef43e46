"""Requests of one step of the loop, answered together (`http.ticks`): checks.

Rules kept here:
- a request with an `Idempotency-Key` is answered alone: it may have to wait for the first one with its key;
- what fails for one request fails for no other. If all of them fail unexpectedly, each is tried alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from onesixty.core.errors import Problem
from onesixty.http.call import Answer, Call
from onesixty.http.idempotency import HEADER
from onesixty.http.scopes import Principal

_Asked = TypeVar("_Asked")
_Found = TypeVar("_Found")


class AtOnce(Generic[_Asked, _Found]):
    """See `http.door.Together`."""

    def __init__(
        self,
        read: Callable[[Call], _Asked],
        do: Callable[[Sequence[_Asked]], Awaitable[Sequence[_Found | Exception]]],
        answer: Callable[[_Found], Answer],
    ) -> None:
        """`read` says what a call asks for, `do` does it, and `answer` words what came of it; `read` and `answer`
        raise Problem."""
        self._read = read
        self._do = do
        self._answer = answer

    def alone(self, call: Call, caller: Principal) -> bool:
        """See `http.door.Together`."""
        return call.header(HEADER) is not None

    async def together(self, calls: Sequence[Call]) -> Sequence[Answer | Exception]:
        """See `http.door.Together`."""
        asked: list[_Asked] = []
        refused: list[Exception | None] = []
        for call in calls:
            try:
                asked.append(self._read(call))
                refused.append(None)
            except Exception as error:  # what fails for one call must not fail the others
                refused.append(error)
        found = iter(await self._done(asked))
        return [self._said(next(found)) if error is None else error for error in refused]

    async def _done(self, asked: Sequence[_Asked]) -> Sequence[_Found | Exception]:
        try:
            return await self._do(asked) if asked else ()
        except Exception as error:
            if len(asked) == 1:
                return [error]
        return [(await self._done([one]))[0] for one in asked]

    def _said(self, found: _Found | Exception) -> Answer | Exception:
        if isinstance(found, Exception):
            return found
        try:
            return self._answer(found)
        except Problem as problem:
            return problem
