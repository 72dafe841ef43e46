"""The headers of Standard Webhooks (specification 1.0.0): id, time and signature.

Rules kept here (Standard Webhooks 1.0.0):
- the signature covers the event's id, the time of the attempt and the body, but not the URL, so that a proxy in
  front of the receiver cannot break it;
- each key gives its own signature, so that a receiver can switch over while two secrets sign.
"""

from __future__ import annotations

import hashlib
from binascii import b2a_base64
from functools import lru_cache
from typing import Final

#: Octets of a block of SHA-256, and the two paddings of a key (RFC 2104, section 2).
_BLOCK: Final = 64
_INNER: Final = bytes(octet ^ 0x36 for octet in range(256))
_OUTER: Final = bytes(octet ^ 0x5C for octet in range(256))


@lru_cache(4096)
def _begun(key: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """The two hashes of HMAC-SHA256 after the key. Copying them costs a fifth of `hmac.digest`, which looks up the
    hash in OpenSSL each time."""
    if len(key) > _BLOCK:
        key = hashlib.sha256(key).digest()
    padded = key.ljust(_BLOCK, b"\0")
    return hashlib.sha256(padded.translate(_INNER)), hashlib.sha256(padded.translate(_OUTER))


def sign(event_id: str, timestamp: int, body: bytes, key: bytes) -> str:
    """One signature: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`. `timestamp` in epoch seconds."""
    begun, outer = _begun(key)
    inner = begun.copy()
    inner.update(b"%b.%d.%b" % (event_id.encode(), timestamp, body))
    whole = outer.copy()
    whole.update(inner.digest())
    return "v1," + b2a_base64(whole.digest(), newline=False).decode()


def headers(event_id: str, timestamp: int, body: bytes, keys: tuple[bytes, ...]) -> str:
    """The three headers as lines of a request; without keys there is no signature."""
    lines = f"webhook-id: {event_id}\r\nwebhook-timestamp: {timestamp}\r\n"
    if not keys:
        return lines
    signatures = " ".join([sign(event_id, timestamp, body, key) for key in keys])
    return f"{lines}webhook-signature: {signatures}\r\n"
