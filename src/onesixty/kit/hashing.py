"""Hashes passwords with Argon2id, in a thread of their own and with a bounded queue.

Rules kept here:
- the KDF never runs on the event loop, and only so many calls wait for it: the next one raises Busy at once;
- a password is checked by the parameters that are stored with its hash, so the cost may change later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SALT_BYTES: Final = 16
HASH_BYTES: Final = 32

_T = TypeVar("_T")


class Busy(Exception):
    """Too many passwords wait to be hashed: retry later."""


def hasher(*, memory_kib: int, passes: int) -> PasswordHasher:
    """Argon2id with one lane and this cost."""
    return PasswordHasher(
        time_cost=passes, memory_cost=memory_kib, parallelism=1, hash_len=HASH_BYTES, salt_len=SALT_BYTES
    )


class Hashing:
    """A thread that hashes. `close` ends it."""

    def __init__(self, kdf: PasswordHasher, most_waiting: int, name: str) -> None:
        self._kdf = kdf
        self._most = most_waiting
        self._waiting = 0
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def hash(self, password: str) -> str:
        """The form to store. Raises Busy."""
        return await self._run(self._kdf.hash, password)

    async def matches(self, stored: str, password: str) -> bool:
        """Whether `stored` is the hash of this password. Raises Busy."""
        return await self._run(self._matches, stored, password)

    def outdated(self, stored: str) -> bool:
        """Whether a hash has another cost than new ones get."""
        return self._kdf.check_needs_rehash(stored)

    def close(self) -> None:
        """End the thread."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._kdf.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[..., _T], *arguments: str) -> _T:
        if self._waiting >= self._most:
            raise Busy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work, *arguments)
        finally:
            self._waiting -= 1
