"""Told when rows of carriers, routes or pauses changed; who awaits it knows that this node keeps to them.

What writes these rows is made before what runs by them, so the two meet here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable


class Reload:
    """Awaited after a change of rows."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], Awaitable[None]]] = []

    def listen(self, listener: Callable[[], Awaitable[None]]) -> None:
        """`listener` takes over what the rows say."""
        self._listeners.append(listener)

    async def __call__(self) -> None:
        """The rows changed."""
        for listener in self._listeners:
            await listener()
