"""API keys: `os_live_` or `os_test_` and 32 characters of base 62, which hold 190 random bits.

Rules kept here:
- the secret is shown once, when the key is created; only its SHA-256 and a hint are stored;
- a key that the operator chooses (`ONESIXTY_ADMIN_KEY`) may be any printable ASCII of at least 16 characters.
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

#: Returns that many unpredictable bytes: `secrets.token_bytes`.
Entropy = Callable[[int], bytes]


class Key(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `keys`."""

    id: str
    account_id: str
    name: str
    #: The SHA-256 of the secret.
    hash: str
    hint: str
    test: bool
    scopes: tuple[str, ...]
    created_at: int
    revoked_at: int | None = None
    last_used_at: int | None = None
    #: The limit of this key; None: the limit of its account.
    requests_per_second: int | None = None
    version: int = 1

    @property
    def tenant(self) -> Tenant:
        """The account and mode of the key."""
        return Tenant(self.account_id, self.test)


class NewKey(msgspec.Struct):
    """A new key with its secret, which cannot be read again."""

    key: Key
    secret: str


def make_secret(test: bool, entropy: Entropy) -> str:
    """Generate a secret."""
    # Only 248 of the 256 values of a byte are used (4 times 62), so that all characters are equally likely.
    characters: list[str] = []
    while len(characters) < LENGTH:
        characters += [_BASE62[byte % 62] for byte in entropy(LENGTH) if byte < 248]
    return PREFIXES[test] + "".join(characters[:LENGTH])


def hint_of(secret: str) -> str:
    """The hint shown for a key: `os_live_...wxyz`. For a key chosen by the operator, only its last characters."""
    prefix = next((prefix for prefix in PREFIXES.values() if secret.startswith(prefix)), "")
    return f"{prefix}...{secret[-4:]}"


def check_given(secret: str) -> str:
    """Check a secret chosen by the operator. Raises ValueError with the reason."""
    if not SHORTEST_GIVEN <= len(secret) <= LONGEST_KEY:
        raise ValueError(f"a key must have {SHORTEST_GIVEN} to {LONGEST_KEY} characters")
    if not secret.isascii() or not secret.isprintable() or " " in secret:
        raise ValueError("a key must be printable ASCII without spaces")
    return secret
