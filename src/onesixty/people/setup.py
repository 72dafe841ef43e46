"""The set-up link: by it the owner makes the first user.

Rules kept here:
- there is one link at a time, it counts once, and it ends after 24 hours. A command makes a new one;
- one row says whether there is a link or has been a first user. Using the link is a conditional write on this row, so
  that of two people who use it at once only one becomes the owner;
- once a first user came in, by whichever way, the link is gone for good;
- a wrong token is found out before anything is hashed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.people.committing import commit
from onesixty.people.tokens import LONGEST, Entropy, hash_of, new_token
from onesixty.store.contract import Store
from onesixty.store.rows import Lost
from onesixty.store.units import Unit

LIFE_MS: Final = 24 * 3_600_000


class _State(NamedTuple):
    """The row."""

    hash: str
    expires_at: int
    used_at: int | None


class Setup:
    """The set-up link of a database."""

    def __init__(self, store: Store, clock: Clock, entropy: Entropy) -> None:
        self._store = store
        self._clock = clock
        self._entropy = entropy
        self._over = False

    async def first(self) -> str | None:
        """The token of a first link; also of another one if the one before has ended unused. None if there is a link
        or a user already."""
        state = await self._state()
        if state is not None and (state.used_at is not None or state.expires_at > self._clock.now_ms()):
            return None
        return await self._make(state)

    async def again(self) -> str | None:
        """The token of a new link in place of the one before. None if there is a user already."""
        state = await self._state()
        if state is not None and state.used_at is not None:
            return None
        return await self._make(state)

    async def check(self, token: str) -> str:
        """The hash of the token, if it is that of the link. Raises Problem `setup_gone`."""
        state = await self._state()
        hashed = hash_of(token[:LONGEST])
        if state is None or state.used_at is not None or state.hash != hashed:
            raise Problem("setup_gone")
        if state.expires_at <= self._clock.now_ms():
            raise Problem("setup_gone", "The set-up link has ended. `onesixty setup-link` prints a new one.")
        return hashed

    async def pending(self) -> bool:
        """Whether nobody has come in yet, so that a set-up link makes the first user."""
        if not self._over:  # once there is a first user, there always was one
            state = await self._state()
            self._over = state is not None and state.used_at is not None
        return not self._over

    def using(self, hashed: str) -> Write:
        """The guard that uses the link."""
        return "setup_used", (hashed, self._clock.now_ms())

    def over(self) -> Write:
        """The write that says that there is a user, however it came in."""
        return "setup_over", (self._clock.now_ms(),)

    async def _state(self) -> _State | None:
        rows = await self._store.fetch("setup_find")
        return _State(*rows[0]) if rows else None

    async def _make(self, state: _State | None) -> str | None:
        token, end = new_token(self._entropy), self._clock.now_ms() + LIFE_MS
        guard: Write = ("setup_first", (hash_of(token), end))
        if state is not None:
            guard = ("setup_again", (state.hash, hash_of(token), end))
        try:
            await commit(self._store, Unit(keys=("setup",), guards=(guard,)))
        except Lost:  # another node made one, or a user came in
            return None
        return token
