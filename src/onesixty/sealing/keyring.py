"""The instance secret in memory: seals values of the database, derives keys, and signs.

    sealed = keyring.seal(b"whsec_...", "webhooks.secret", "whk_01")      # sealed:1:<key id>:<base64url>
    plain = keyring.open(sealed, "webhooks.secret", "whk_01")

Rules kept here:
- every purpose has a key of its own (HKDF-SHA256, RFC 5869), so that what one part does never weakens another. The
  secret itself is used for nothing else;
- a sealed value is bound to its purpose and to the row it is about (AES-256-GCM with associated data): moved to
  another row or column, it does not open. It names the format and the key;
- two secrets may be known at once. One is in force: it seals, derives and signs. Both open and verify;
- a signature (Ed25519) of a secret that was replaced can still be verified: the rows keep the public key;
- no error and no repr shows a secret or a plain value.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

#: Begins every sealed value; the key's id and the value follow.
SEALED: Final = "sealed:1:"
_SALT: Final = b"onesixty instance secret 1"
_NONCE: Final = 12
_KEY: Final = 32
_ID: Final = 6


class Unopenable(Exception):
    """A sealed value cannot be opened, or something was signed with a key that is not known."""


class UnknownKey(Unopenable):
    """A value names a key that this node does not have."""


def is_sealed(value: str) -> bool:
    """Whether a value of the database is sealed."""
    return value.startswith(SEALED)


def key_of(value: str) -> str:
    """The id of the key that sealed a value. Raises Unopenable."""
    parts = value.split(":")
    if len(parts) != 4 or not is_sealed(value):
        raise Unopenable("the value is not sealed")
    return parts[2]


class Key:
    """One secret, known by an id that tells nothing of it."""

    __slots__ = ("_aead", "_derived", "_secret", "_signing", "id")

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._derived: dict[str, bytes] = {}
        self._aead: dict[str, AESGCM] = {}
        self._signing: Ed25519PrivateKey | None = None
        self.id = self._expand("id", _ID).hex()

    def derive(self, purpose: str) -> bytes:
        """The key of a purpose: 32 octets."""
        found = self._derived.get(purpose)
        if found is None:
            found = self._derived[purpose] = self._expand(f"derive {purpose}", _KEY)
        return found

    def aead(self, purpose: str) -> AESGCM:
        """The cipher of a purpose."""
        found = self._aead.get(purpose)
        if found is None:
            found = self._aead[purpose] = AESGCM(self._expand(f"seal {purpose}", _KEY))
        return found

    @property
    def signing(self) -> Ed25519PrivateKey:
        """The key that signs."""
        if self._signing is None:
            self._signing = Ed25519PrivateKey.from_private_bytes(self._expand("sign", _KEY))
        return self._signing

    @property
    def public(self) -> bytes:
        """The public key of `signing`: 32 octets."""
        return self.signing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def _expand(self, info: str, length: int) -> bytes:
        return HKDF(SHA256(), length, _SALT, info.encode()).derive(self._secret)


class Keyring:
    """The secrets that a node knows. `current` is the id of the one in force."""

    def __init__(
        self, secrets: Iterable[str], current: str = "", again: Callable[[], Iterable[str]] | None = None
    ) -> None:
        """`secrets` are one or two, the wanted one first. Without `current`, the first is in force. `again` reads
        them anew, for a value that names an unknown key."""
        self._keys: dict[str, Key] = {}
        self._publics: dict[str, bytes] = {}
        self._again = again
        self.current = current
        self.know(secrets)

    def __repr__(self) -> str:
        return f"Keyring({', '.join(self._keys)})"

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the known keys, the wanted one first."""
        return tuple(self._keys)

    def know(self, secrets: Iterable[str], keep: Collection[str] = ()) -> None:
        """Take these secrets in place of the ones before, except those whose ids are in `keep`."""
        made = {key.id: key for key in map(Key, secrets)}
        kept = {id_: key for id_, key in self._keys.items() if id_ in keep or id_ in made}
        self._keys = {id_: kept.get(id_, key) for id_, key in made.items()} | kept
        if not self.current and self._keys:
            self.current = next(iter(self._keys))

    def remember(self, publics: Mapping[str, bytes]) -> None:
        """Take the public keys of secrets that were replaced, by id."""
        self._publics = dict(publics)

    def key(self, id_: str) -> Key:
        """A known key. Raises UnknownKey."""
        if id_ not in self._keys and self._again is not None:
            self.know(self._again(), keep=self._keys)
        found = self._keys.get(id_)
        if found is None:
            raise UnknownKey(f"the instance secret {id_ or '(none)'} is not known to this node")
        return found

    # ------------------------------------------------------------ values of the database

    def seal(self, plain: bytes, purpose: str, about: str) -> str:
        """Seal a value of the row `about`. The same value is another text each time."""
        key, nonce = self.key(self.current), os.urandom(_NONCE)
        sealed = key.aead(purpose).encrypt(nonce, plain, _bound(key.id, purpose, about))
        return f"{SEALED}{key.id}:{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, purpose: str, about: str) -> bytes:
        """Open a sealed value. Raises Unopenable if it is not sealed, was changed, or belongs elsewhere; UnknownKey
        if its key is not known."""
        key = self.key(key_of(sealed))
        try:
            data = base64.b64decode(sealed.rpartition(":")[2], altchars=b"-_", validate=True)
            return key.aead(purpose).decrypt(data[:_NONCE], data[_NONCE:], _bound(key.id, purpose, about))
        except (binascii.Error, InvalidTag, ValueError):
            raise Unopenable(f"a sealed value of {purpose} ({about}) was changed, or moved") from None

    # ------------------------------------------------------------ further keys

    def derive(self, purpose: str, key_id: str = "") -> bytes:
        """A key for a purpose: 32 octets. What has to be derived again after the secret was replaced keeps
        `current` of its first time and gives it as `key_id`. Raises UnknownKey."""
        return self.key(key_id or self.current).derive(purpose)

    def sign(self, data: bytes, purpose: str) -> str:
        """Sign data for a purpose: `<key id>.<base64url>`."""
        key = self.key(self.current)
        signature = key.signing.sign(_signed(data, purpose))
        return f"{key.id}.{base64.urlsafe_b64encode(signature).decode()}"

    def verify(self, data: bytes, signature: str, purpose: str) -> bool:
        """Whether a signature is one of this installation, by a secret in force or replaced. Raises UnknownKey if
        its key was never known."""
        key_id, _, text = signature.partition(".")
        if key_id in self._publics and key_id not in self._keys:
            public = self._publics[key_id]
        else:  # a known secret counts for more than what a row says of it
            public = self.key(key_id).public
        try:
            given = base64.b64decode(text, altchars=b"-_", validate=True)
            Ed25519PublicKey.from_public_bytes(public).verify(given, _signed(data, purpose))
        except (binascii.Error, InvalidSignature, ValueError):
            return False
        return True


def _bound(key_id: str, purpose: str, about: str) -> bytes:
    """What a sealed value is bound to."""
    return "\0".join((SEALED, key_id, purpose, about)).encode()


def _signed(data: bytes, purpose: str) -> bytes:
    return purpose.encode() + b"\0" + data
