"""Signing secrets: `whsec_` and base64, as in Standard Webhooks, and how a row stores them.

Rules kept here:
- the column has the newest secret first. After a rotation it is followed by the previous secret, with the time
  (epoch ms) until which that one also signs: `whsec_NEW whsec_OLD:1763850000000`. Receivers can switch over without
  a gap;
- the whole column is sealed with the instance secret, for the row's id. It is opened when rows are read into memory.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from onesixty.core.contracts import Sealer
from onesixty.webhooks.tables import WEBHOOKS

PREFIX: Final = "whsec_"
KEY_BYTES: Final = 32

#: How long a replaced secret still signs, in milliseconds.
OVERLAP_MS: Final = 24 * 3600 * 1000

#: For what the instance secret seals the column.
_PURPOSE: Final = WEBHOOKS.purpose("secret")

Secrets = tuple[tuple[bytes, int | None], ...]


def from_key(key: bytes) -> str:
    """The text of a secret."""
    return PREFIX + base64.b64encode(key).decode()


def to_key(secret: str) -> bytes:
    """The bytes to sign with. Raises ValueError unless there are 24 to 64 of them."""
    if not secret.startswith(PREFIX):
        raise ValueError(f"a secret must begin with {PREFIX}")
    try:
        key = base64.b64decode(secret[len(PREFIX) :], validate=True)
    except binascii.Error:
        raise ValueError("a secret must be base64 after its prefix") from None
    if not 24 <= len(key) <= 64:
        raise ValueError("a secret must have 24 to 64 bytes")
    return key


def parse_column(column: str) -> Secrets:
    """The keys of a row, newest first, each with the time until which it signs (None: no end)."""
    parsed: list[tuple[bytes, int | None]] = []
    for entry in column.split():
        secret, _, until = entry.partition(":")
        parsed.append((to_key(secret), int(until) if until else None))
    return tuple(parsed)


def keys_at(secrets: Secrets, now: int) -> tuple[bytes, ...]:
    """The keys that sign at `now`, newest first."""
    return tuple([key for key, until in secrets if until is None or until > now])


def sealed(sealer: Sealer, id_: str, column: str) -> str:
    """The column as the row `id_` keeps it."""
    return sealer.seal(column.encode(), _PURPOSE, id_)


def opened(sealer: Sealer, id_: str, stored: str) -> str:
    """The column of the row `id_`, from what it keeps. It is empty if the instance secret was lost."""
    return stored and sealer.open(stored, _PURPOSE, id_).decode()


def rotated(column: str, secret: str, now: int) -> str:
    """The column after `secret` became the newest at `now`."""
    before = column.split(maxsplit=1)[0].partition(":")[0] if column else ""
    return f"{secret} {before}:{now + OVERLAP_MS}" if before else secret
