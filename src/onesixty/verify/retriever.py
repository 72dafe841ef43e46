"""The hash by which Android's SMS Retriever gives a message to one app.

Rules kept here:
- the hash is 11 characters of base64: of SHA-256 over the package name, a space, and the signing certificate (DER) in
  lower-case hex. An app has one for each certificate that signs it: debug, release, and that of the store;
- a message of the API is one segment. A text that is longer in UTF-8 than 140 bytes may not be read, because the
  documentation does not say which bytes it counts.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final

#: Characters of a hash.
LENGTH: Final = 11

#: What the documentation of the API allows a message. Its encoding is not said.
MOST_BYTES: Final = 140

_HASH: Final = re.compile(r"[A-Za-z0-9+/]{11}")
_PACKAGE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)+")


def is_hash(text: str) -> bool:
    """Whether a text has the form of a hash."""
    return _HASH.fullmatch(text) is not None


def is_package(name: str) -> bool:
    """Whether a text has the form of an Android package name: `com.example.app`."""
    return _PACKAGE.fullmatch(name) is not None


def retriever_hash(package: str, certificate: bytes) -> str:
    """The hash of an app with this package name that is signed with this certificate, in DER."""
    digest = hashlib.sha256(f"{package} {certificate.hex()}".encode()).digest()
    return base64.b64encode(digest)[:LENGTH].decode()
