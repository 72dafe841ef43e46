"""API keys: `os_live_` or `os_test_`, 32 characters of base 62, which hold 190 random bits, and a checksum of 6.

Rules kept here:
- the secret is shown once, when it is made; only its SHA-256 and a hint are stored;
- a key has one secret, or two while it is rotated: `hash` is the new one, `previous_hash` the one that still opens
  until `previous_expires_at`. It stays one row, so its id, limits and history stay the same;
- the checksum is the CRC-32 of all that stands before it, in base 62, so that a scanner of secrets can tell a key
  from other text. Keys made before there was a checksum stay valid;
- a key that the operator chooses (`ONESIXTY_ADMIN_KEY`) may be any printable ASCII of at least 16 characters.
"""

from __future__ import annotations

from binascii import crc32
from collections.abc import Callable
from typing import Final

import msgspec

from onesixty.core.grant import Grant
from onesixty.core.limits import NONE, Limits
from onesixty.core.tenant import Tenant
from onesixty.http.auth import LONGEST_KEY

LENGTH: Final = 32
CHECKSUM: Final = 6
SHORTEST_GIVEN: Final = 16
PREFIXES: Final = {False: "os_live_", True: "os_test_"}

_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

#: Returns that many unpredictable bytes: `secrets.token_bytes`.
Entropy = Callable[[int], bytes]


class Key(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `keys`. Empty lists of networks, senders and classes allow all."""

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
    #: When it ends, in epoch ms.
    expires_at: int | None = None
    #: In CIDR notation.
    allowed_networks: tuple[str, ...] = ()
    allowed_senders: tuple[str, ...] = ()
    allowed_classes: tuple[str, ...] = ()
    #: The address of the request at `last_used_at`.
    last_used_from: str | None = None
    previous_hash: str | None = None
    previous_hint: str | None = None
    previous_expires_at: int | None = None
    previous_used_at: int | None = None
    limits: Limits = NONE

    @property
    def tenant(self) -> Tenant:
        """The account and mode of the key."""
        return Tenant(self.account_id, self.test)

    @property
    def grant(self) -> Grant | None:
        """What it may send, if that is less than its account may."""
        if not self.allowed_senders and not self.allowed_classes and self.limits == NONE:
            return None
        return Grant(
            id=self.id,
            senders=frozenset(self.allowed_senders),
            classes=frozenset(self.allowed_classes),
            limits=self.limits,
        )


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
    secret = PREFIXES[test] + "".join(characters[:LENGTH])
    return secret + checksum_of(secret)


def checksum_of(text: str) -> str:
    """The CRC-32 of a text in base 62, most significant digit first."""
    rest, digits = crc32(text.encode()), []
    for _ in range(CHECKSUM):
        rest, digit = divmod(rest, 62)
        digits.append(_BASE62[digit])
    return "".join(reversed(digits))


def is_altered(secret: str) -> bool:
    """Whether a text looks like a key with a checksum, but the checksum is not its own."""
    prefix = next((prefix for prefix in PREFIXES.values() if secret.startswith(prefix)), None)
    if prefix is None or len(secret) != len(prefix) + LENGTH + CHECKSUM:
        return False
    return checksum_of(secret[:-CHECKSUM]) != secret[-CHECKSUM:]


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
