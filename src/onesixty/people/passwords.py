"""Passwords of users: which are allowed, and how they are stored and checked.

Rules kept here:
- 12 characters at least and 256 at most, of any kind: there are no rules of composition (NIST SP 800-63B, 3.1.1.2);
- a password is refused if it is one of the commonest, also with digits and signs around it, if one short piece makes
  it by repetition, or if it is the user's own address;
- it is compared in the form NFKC, so that two keyboards write the same one;
- it is stored with Argon2id (19 MiB, 2 passes, 1 lane: 65 ms), made in a thread with a bounded queue;
- an unknown address costs the same run as a known one, so that neither time nor answer tells which addresses exist.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher

from onesixty.core.errors import Problem
from onesixty.kit.hashing import Busy, Hashing, hasher
from onesixty.people.emails import key_of

SHORTEST: Final = 12
LONGEST: Final = 256
#: How many checks may wait for the thread: four seconds of work.
MOST_WAITING: Final = 64
#: A piece of up to so many characters that is only repeated makes no password.
_PIECE: Final = 6
_LIST: Final = Path(__file__).with_name("common_passwords.txt")


def cost(*, memory_kib: int = 19 * 1024, passes: int = 2) -> PasswordHasher:
    """The KDF with a cost; the default is for production, tests use less."""
    return hasher(memory_kib=memory_kib, passes=passes)


@cache
def common() -> frozenset[str]:
    """The commonest passwords, in lower case."""
    lines = _LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("# "))


def normal(password: str) -> str:
    """The form in which a password is hashed and compared."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, email: str, param: str = "password") -> str:
    """The password as it is hashed. Raises Problem `password_refused` with what is wrong."""
    given = normal(password)
    if len(given) < SHORTEST:
        raise _refused(
            f"A password has at least {SHORTEST} characters; several words are easy to keep.", param
        )
    if len(given) > LONGEST:
        raise _refused(f"A password has at most {LONGEST} characters.", param)
    plain = given.lower()
    bare = plain.strip("0123456789!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ ")
    if plain in common() or (bare in common() and len(bare) > 3) or not bare or _repeats(plain):
        raise _refused("This password is one of those that are tried first. Choose another one.", param)
    if key_of(email) in (plain, bare) or key_of(email).partition("@")[0] == bare:
        raise _refused("The password must not be your address.", param)
    return given


def _repeats(text: str) -> bool:
    """Whether a short piece makes the text by repetition."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, _PIECE + 1))


def _refused(detail: str, param: str) -> Problem:
    return Problem("password_refused", detail, param=param)


class Passwords:
    """Hashes and checks passwords of users. `close` ends its thread."""

    def __init__(self, kdf: PasswordHasher | None = None) -> None:
        self._hashing = Hashing(kdf or cost(), MOST_WAITING, "sign-in")
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The form to store of a password that `check` returned. Raises Problem `unavailable`."""
        try:
            return await self._hashing.hash(password)
        except Busy:
            raise _busy() from None

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether the password is the stored one; None (nobody has it) costs the same run. Raises Problem
        `unavailable`."""
        given = normal(password)
        try:
            if stored is None:
                if self._nobody is None:
                    self._nobody = await self._hashing.hash("nobody has this password")
                await self._hashing.matches(self._nobody, given[:LONGEST])
                return False
            return await self._hashing.matches(stored, given) if len(given) <= LONGEST else False
        except Busy:
            raise _busy() from None

    def outdated(self, stored: str) -> bool:
        """Whether a hash should be made anew, because the cost has changed."""
        return self._hashing.outdated(stored)

    def close(self) -> None:
        """End the thread."""
        self._hashing.close()


def _busy() -> Problem:
    return Problem("unavailable", "Too many people sign in at once. Retry in a moment.", retry_after=2)
