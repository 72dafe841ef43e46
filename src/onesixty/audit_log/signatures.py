"""Signatures of the audit log, under the instance secret: of an entry before it is chained, of heads and checkpoints.

Rules kept here:
- without the secret, nobody makes one. So who can write the database, and no more, cannot make a chain that verifies;
- each kind of signature has a purpose of its own, and names what it is about, so that none stands for another.
"""

from __future__ import annotations

from typing import Final, Protocol

import msgspec

from onesixty.sealing.keyring import Unopenable

#: The purposes of signatures.
ENTRY: Final = "audit entry"
HEAD: Final = "audit head"
CHECKPOINT: Final = "audit checkpoint"


class Signer(Protocol):
    """Signs and verifies under the instance secret: `sealing.keyring.Keyring`. `verify` raises Unopenable if the key
    of a signature was never known."""

    def sign(self, data: bytes, purpose: str, /) -> str: ...

    def verify(self, data: bytes, signature: str, purpose: str, /) -> bool: ...


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The end of an account's chain, a row of `audit_heads`: how many entries were ever chained, and the last
    hash."""

    account_id: str
    count: int
    hash: str
    chained_at: int
    signature: str = ""

    @property
    def signed(self) -> bytes:
        """What the signature covers."""
        return msgspec.json.encode([self.account_id, self.count, self.hash, self.chained_at])


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where an account's chain begins since old entries were removed, a row of `audit_checkpoints`: the number and
    hash of the last removed entry, and its time."""

    account_id: str
    count: int
    hash: str
    until: int
    made_at: int
    signature: str = ""

    @property
    def signed(self) -> bytes:
        """What the signature covers."""
        return msgspec.json.encode([self.account_id, self.count, self.hash, self.until, self.made_at])


def holds(signer: Signer, data: bytes, signature: str, purpose: str) -> bool:
    """Whether a signature is one of this installation. One by an unknown key is not."""
    try:
        return signer.verify(data, signature, purpose)
    except Unopenable:
        return False


def signed_head(head: Head, signer: Signer) -> Head:
    """The head with its signature."""
    return msgspec.structs.replace(head, signature=signer.sign(head.signed, HEAD))


def signed_checkpoint(checkpoint: Checkpoint, signer: Signer) -> Checkpoint:
    """The checkpoint with its signature."""
    return msgspec.structs.replace(checkpoint, signature=signer.sign(checkpoint.signed, CHECKPOINT))
