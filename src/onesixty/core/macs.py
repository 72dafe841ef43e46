"""HMAC-SHA256 for keys that are used again and again.

`hmac.digest` looks up the hash in OpenSSL and prepares the key each time; two hashes that are copied do not, and take
a fifth of the time.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Final

#: Octets of a block of SHA-256, and the two paddings of a key (RFC 2104, section 2).
_BLOCK: Final = 64
_INNER: Final = bytes(octet ^ 0x36 for octet in range(256))
_OUTER: Final = bytes(octet ^ 0x5C for octet in range(256))


def mac(key: bytes, said: bytes) -> bytes:
    """The HMAC-SHA256 of `said`: 32 octets. Takes the same time for every `said` of a length."""
    begun, outer = _begun(key)
    inner = begun.copy()
    inner.update(said)
    whole = outer.copy()
    whole.update(inner.digest())
    return whole.digest()


@lru_cache(4096)
def _begun(key: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """The two hashes after the key."""
    if len(key) > _BLOCK:
        key = hashlib.sha256(key).digest()
    padded = key.ljust(_BLOCK, b"\0")
    return hashlib.sha256(padded.translate(_INNER)), hashlib.sha256(padded.translate(_OUTER))
