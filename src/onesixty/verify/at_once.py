"""Requests of one step of the loop, answered together (`http.ticks`): checks.

Rules kept here:
- a request with an `Idempotency-Key` is answered alone: it may have to wait for the first one with its key;
- what fails for one request fails for no other. If all of them fail unexpectedly, each is tried alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from onesixty.http.call import Answer, Call
from onesixty.http.idempotency import HEADER
from onesixty.http.scopes import Principal

_Asked = TypeVar("_Asked")


class AtOnce(Generic[_Asked]):
    """See `http.door.Together`."""

    def __init__(
        self,
        read: Callable[[Call], _Asked],
        answer: Callable[[Sequence[_Asked]], Awaitable[Sequence[Answer | Exception]]],
    ) -> None:
        """`read` says what a call asks for, or raises Problem; `answer` does what several ask for."""
        self._read = read
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
        answers = iter(await self._answered(asked))
        return [next(answers) if error is None else error for error in refused]

    async def _answered(self, asked: Sequence[_Asked]) -> Sequence[Answer | Exception]:
        try:
            return await self._answer(asked) if asked else ()
        except Exception as error:
            if len(asked) == 1:
                return [error]
        return [(await self._answered([one]))[0] for one in asked]
