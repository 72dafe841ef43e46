"""API keys: `os_live_` or `os_test_` and 32 characters of base 62, which are 190 bits of chance.

Rules kept here:
- the secret is shown once, when it is made; what is stored is its sha256 and a hint to know it by;
- a key given by the operator (`ONESIXTY_ADMIN_KEY`) may be any printable ASCII of at least 16 characters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from onesixty.core import times
from onesixty.http.auth import LONGEST_KEY, hash_of

LENGTH: Final = 32
SHORTEST_GIVEN: Final = 16
PREFIXES: Final = {False: "os_live_", True: "os_test_"}

_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

#: Gives so many random bytes that nobody can foretell: `secrets.token_bytes`.
Entropy = Callable[[int], bytes]


class Key(msgspec.Struct, kw_only=True):
    """A row of `keys`, without its hash."""

    id: str
    account_id: str
    name: str
    hint: str
    test: bool
    scopes: tuple[str, ...]
    created_at: int
    revoked_at: int | None = None
    last_used_at: int | None = None
    #: Its own limit; None: that of its account.
    requests_per_second: int | None = None

    def view(self) -> dict[str, Any]:
        """The key as the API shows it: everything but the secret."""
        return {
            "id": self.id,
            "account_id": self.account_id,
            "name": self.name,
            "hint": self.hint,
            "mode": "test" if self.test else "live",
            "scopes": list(self.scopes),
            "requests_per_second": self.requests_per_second,
            "created_at": times.to_text(self.created_at),
            "revoked_at": None if self.revoked_at is None else times.to_text(self.revoked_at),
            "last_used_at": None if self.last_used_at is None else times.to_text(self.last_used_at),
        }


class NewKey(msgspec.Struct):
    """A key just made, with the secret that is never seen again."""

    key: Key
    secret: str


def make_secret(test: bool, entropy: Entropy) -> str:
    """A new secret."""
    # Of 256 values of a byte 248 are taken (4 times 62), so that no character is likelier than another.
    characters: list[str] = []
    while len(characters) < LENGTH:
        characters += [_BASE62[byte % 62] for byte in entropy(LENGTH) if byte < 248]
    return PREFIXES[test] + "".join(characters[:LENGTH])


def hint_of(secret: str) -> str:
    """What a key is known by: `os_live_...wxyz`. Of a key that was given, only its last characters."""
    prefix = next((prefix for prefix in PREFIXES.values() if secret.startswith(prefix)), "")
    return f"{prefix}...{secret[-4:]}"


def check_given(secret: str) -> str:
    """A secret that was given, or ValueError that says what is wrong with it."""
    if not SHORTEST_GIVEN <= len(secret) <= LONGEST_KEY:
        raise ValueError(f"a key has {SHORTEST_GIVEN} to {LONGEST_KEY} characters")
    if not secret.isascii() or not secret.isprintable() or " " in secret:
        raise ValueError("a key is printable ASCII without spaces")
    return secret


def of_row(row: tuple[Any, ...]) -> Key:
    """A key from the columns of `key_list`."""
    return Key(
        id=row[0],
        account_id=row[1],
        name=row[2],
        hint=row[3],
        test=bool(row[4]),
        scopes=tuple(msgspec.json.decode(row[5])),
        created_at=row[6],
        revoked_at=row[7],
        last_used_at=row[8],
        requests_per_second=row[9],
    )


__all__ = ["Entropy", "Key", "NewKey", "check_given", "hash_of", "hint_of", "make_secret", "of_row"]
