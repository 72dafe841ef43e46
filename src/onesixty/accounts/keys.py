"""API keys: `os_live_` or `os_test_` and 32 characters of base 62, which are 190 bits of chance.

Rules kept here:
- the secret is shown once, when it is made; what is stored is its sha256 and a hint to know it by;
- a key given by the operator (`ONESIXTY_ADMIN_KEY`) may be any printable ASCII of at least 16 characters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from onesixty.core.tenant import Tenant
from onesixty.http.auth import LONGEST_KEY

LENGTH: Final = 32
SHORTEST_GIVEN: Final = 16
PREFIXES: Final = {False: "os_live_", True: "os_test_"}

_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

#: Gives so many random bytes that nobody can foretell: `secrets.token_bytes`.
Entropy = Callable[[int], bytes]


class Key(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `keys`."""

    id: str
    account_id: str
    name: str
    #: The sha256 of the secret.
    hash: str
    hint: str
    test: bool
    scopes: tuple[str, ...]
    created_at: int
    revoked_at: int | None = None
    last_used_at: int | None = None
    #: Its own limit; None: that of its account.
    requests_per_second: int | None = None
    version: int = 1

    @property
    def tenant(self) -> Tenant:
        """Whose key it is."""
        return Tenant(self.account_id, self.test)


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
        raise ValueError(f"a key must have {SHORTEST_GIVEN} to {LONGEST_KEY} characters")
    if not secret.isascii() or not secret.isprintable() or " " in secret:
        raise ValueError("a key must be printable ASCII without spaces")
    return secret
