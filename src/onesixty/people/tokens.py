"""Secrets that a browser or a link carries: 256 bits of randomness, of which only the SHA-256 is stored."""

from __future__ import annotations

import base64
from collections.abc import Callable
from hashlib import sha256
from typing import Final

#: Gives so many octets of randomness from the operating system.
Entropy = Callable[[int], bytes]

BYTES: Final = 32
#: A longer text is no token, and is not hashed.
LONGEST: Final = 128


def new_token(entropy: Entropy) -> str:
    """A new token, safe in URLs and cookies."""
    return base64.urlsafe_b64encode(entropy(BYTES)).rstrip(b"=").decode()


def hash_of(token: str) -> str:
    """What is stored of a token: it has so much entropy that a fast hash serves."""
    return sha256(token.encode()).hexdigest()
