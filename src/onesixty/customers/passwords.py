"""Passwords of SMPP customers: stored with Argon2id, and cached after a check.

Rules kept here:
- the KDF runs in a separate thread, never on the event loop, and at most `MOST_WAITING` checks wait for it;
- a correct password is cached as a keyed hash bound to the credential's version, so that binding again
  takes microseconds. A wrong one is cached too, so that repeating it costs nothing. Concurrent checks of
  the same password share one run;
- an unknown name costs the same run as a known one, so that neither time nor answer reveals which names exist.

The cost (8 MiB, 2 passes, 1 lane; 9 ms) suits a thousand customers that reconnect after a restart: see
docs/decisions/0045-passwords-of-smpp-customers.md.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from hmac import compare_digest
from typing import Final, TypeVar

from argon2 import PasswordHasher

from onesixty.kit import hashing
from onesixty.kit.hashing import Busy, Hashing

__all__ = ["Busy", "Passwords", "cost", "generate", "replaced"]

MOST_WAITING: Final = 5000
MOST_REMEMBERED: Final = 20_000

_ALPHABET: Final = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no l, I, O, 0, 1
GENERATED_LENGTH: Final = 8  # the field has 9 octets with its NUL (SMPP 3.4, 5.2.2)


_K = TypeVar("_K")
_V = TypeVar("_V")


def cost(*, memory_kib: int = 8 * 1024, passes: int = 2) -> PasswordHasher:
    """The KDF with a cost; the default is for production, tests use less."""
    return hashing.hasher(memory_kib=memory_kib, passes=passes)


def generate(entropy: Callable[[int], bytes]) -> str:
    """A random password of eight easily readable characters, 46 bits."""
    size = len(_ALPHABET)
    bound = 256 - 256 % size  # so that all characters are equally likely
    characters: list[str] = []
    while len(characters) < GENERATED_LENGTH:
        characters += [_ALPHABET[byte % size] for byte in entropy(16) if byte < bound]
    return "".join(characters[:GENERATED_LENGTH])


def replaced(subject: str) -> str:
    """The subject under which the replaced password of a credential is checked and remembered."""
    return f"{subject} replaced"


class Passwords:
    """Hashes and checks passwords. `close` ends its thread."""

    def __init__(self, entropy: Callable[[int], bytes], hasher: PasswordHasher | None = None) -> None:
        self._hashing = Hashing(hasher or cost(), MOST_WAITING, "passwords")
        self._key = entropy(32)
        self._right: OrderedDict[str, tuple[int, bytes]] = OrderedDict()
        self._wrong: OrderedDict[bytes, None] = OrderedDict()
        self._running: dict[bytes, asyncio.Task[bool]] = {}
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The form to store. Raises Busy."""
        return await self._hashing.hash(password)

    def is_remembered(self, subject: str, version: int, password: str) -> bool:
        """Whether `password` was found correct before, for this version of the credential."""
        known = self._right.get(subject)
        return known is not None and known[0] == version and compare_digest(known[1], self._tag(password))

    async def verify(self, name: str, subject: str | None, version: int, stored: str, password: str) -> bool:
        """Whether the password is correct. `subject` is the credential's id, or `replaced` of it; None if the `name`
        is unknown. Raises Busy.
        """
        if subject is not None and self.is_remembered(subject, version, password):
            return True
        tag = self._tag(f"{name}\0{subject}\0{version}\0{password}")
        if tag in self._wrong:
            self._wrong.move_to_end(tag)
            return False
        running = self._running.get(tag)
        if running is None:
            running = asyncio.ensure_future(self._check(tag, subject, version, stored, password))
            self._running[tag] = running
            running.add_done_callback(lambda done: self._checked(tag, done))
        return await asyncio.shield(running)

    async def _check(self, tag: bytes, subject: str | None, version: int, stored: str, password: str) -> bool:
        if subject is None:
            if self._nobody is None:
                self._nobody = await self.hash("nobody has this password")
            stored = self._nobody
        right = await self._hashing.matches(stored, password) and subject is not None
        if right and subject is not None:
            self._remember(self._right, subject, (version, self._tag(password)))
        else:
            self._remember(self._wrong, tag, None)
        return right

    def _checked(self, tag: bytes, done: asyncio.Task[bool]) -> None:
        del self._running[tag]
        if not done.cancelled():
            done.exception()  # checked here, because the caller may be gone

    def forget(self, subject: str) -> None:
        """Forget the cached passwords of a changed or revoked credential."""
        self._right.pop(subject, None)
        self._right.pop(replaced(subject), None)

    def close(self) -> None:
        """End the thread."""
        self._hashing.close()

    def _tag(self, text: str) -> bytes:
        return blake2b(text.encode(), key=self._key, digest_size=32).digest()

    @staticmethod
    def _remember(book: OrderedDict[_K, _V], key: _K, value: _V) -> None:
        book[key] = value
        book.move_to_end(key)
        while len(book) > MOST_REMEMBERED:
            book.popitem(last=False)
