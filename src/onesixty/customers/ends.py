"""Ends binds at the moment at which their credential ends.

Rules kept here:
- each node watches the credentials that are bound on it, by its own clock: an end needs no word from another node;
- a wait is short, so that a wall clock that is set forward or back is noticed within a minute.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from onesixty.core.clock import Clock
from onesixty.customers.binds import Binds
from onesixty.customers.tables import SmppCredential

LONGEST_WAIT: Final = 60.0


class Ends:
    """The ends of the credentials that are bound on this node."""

    def __init__(self, binds: Binds, book: Mapping[str, SmppCredential], clock: Clock) -> None:
        self._binds = binds
        self._book = book
        self._clock = clock
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def watch(self, credential: SmppCredential) -> None:
        """Watch a credential that has bound or was changed; end its binds if its end has come."""
        timer = self._timers.pop(credential.id, None)
        if timer is not None:
            timer.cancel()
        binds = self._binds.of(credential.id)
        if credential.expires_at is None or not binds:
            return
        left = (credential.expires_at - self._clock.now_ms()) / 1000
        if left > 0:
            wait = min(left, LONGEST_WAIT)
            self._timers[credential.id] = asyncio.get_running_loop().call_later(
                wait, self._look, credential.id
            )
            return
        for bind in list(binds):
            bind.connection.unbind()

    def close(self) -> None:
        """Stop watching."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _look(self, credential_id: str) -> None:
        self._timers.pop(credential_id, None)
        self.watch(self._book[credential_id])
