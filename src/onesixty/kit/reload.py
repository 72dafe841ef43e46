"""Reports changed rows of carriers, routes or pauses. Once it has been awaited, this node applies them.

The code that writes these rows is created before the code that applies them, so this object connects the two.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable


class Reload:
    """Awaited after a change of rows."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], Awaitable[None]]] = []

    def listen(self, listener: Callable[[], Awaitable[None]]) -> None:
        """Set the listener that applies the rows."""
        self._listeners.append(listener)

    async def __call__(self) -> None:
        """Report changed rows."""
        for listener in self._listeners:
            await listener()
