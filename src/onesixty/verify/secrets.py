"""The secrets of verifications: seeds, codes and digests, with the keys that the instance secret gives.

Rules kept here:
- nothing here is logged or shown, and no error has a code in it;
- every purpose has a key of its own. What is kept names the secret that it was made with, so a rotation of the secret
  does not end what is open; what was made with a secret that is gone cannot be approved;
- an unknown verification is compared like a known one, with a key and a seed that nothing was sent with.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final, NamedTuple

from onesixty.core.macs import mac
from onesixty.core.tenant import Tenant
from onesixty.sealing.keyring import Keyring, Unopenable
from onesixty.verify import codes
from onesixty.verify.binding import BindTo, canonical
from onesixty.verify.codes import Alphabet
from onesixty.verify.verification import Verification

_CODES: Final = "verify.codes"
_CHECKS: Final = "verify.checks"
_BODIES: Final = "verify.bodies"
_OWN_CODES: Final = "verifications.code"

SEED: Final = 16


class Fits(NamedTuple):
    """Whether a code is that of this generation, and of the one before."""

    now: bool
    before: bool


class Secrets:
    """Makes and compares codes."""

    def __init__(self, keyring: Keyring, entropy: Callable[[int], bytes] = os.urandom) -> None:
        """`entropy` makes seeds: cryptographic randomness."""
        self._keyring = keyring
        self._entropy = entropy

    @property
    def key_id(self) -> str:
        """The secret in force."""
        return self._keyring.current

    def seed(self) -> str:
        """A new seed, in hex."""
        return self._entropy(SEED).hex()

    def seal(self, code: str, verification_id: str) -> str:
        """A caller's own code, as it is kept."""
        return self._keyring.seal(code.encode(), _OWN_CODES, verification_id)

    def opened(self, sealed: str, verification_id: str) -> str:
        """A caller's own code. Raises Unopenable."""
        return self._keyring.open(sealed, _OWN_CODES, verification_id).decode()

    def derived(
        self, verification_id: str, generation: int, seed: str, key_id: str, alphabet: Alphabet, length: int
    ) -> str:
        """The code of a generation. Raises Unopenable if its secret is gone."""
        key = self._keyring.derive(_CODES, key_id)
        return codes.derived(key, verification_id, generation, bytes.fromhex(seed), alphabet, length)

    def code_of(self, one: Verification) -> str:
        """The code of the present generation. Raises Unopenable."""
        return self._code(one, one.generation, one.sealed_code)

    def codes_of(self, one: Verification) -> Iterator[str]:
        """All codes that a verification has had, as far as they can still be known."""
        for generation in range(1, one.generation + 1):
            sealed = {one.generation: one.sealed_code, one.generation - 1: one.sealed_before}.get(generation)
            with suppress(Unopenable):
                yield self._code(one, generation, sealed)

    def fits(self, one: Verification, typed: str, bound: BindTo | None) -> Fits:
        """Compare what was typed with the codes of this generation and of the one before. Takes the same time for
        every code of a length, and for a verification of which nothing is known."""
        before = max(one.generation - 1, 0)
        now = self._compared(one, one.generation, one.sealed_code, typed, bound)
        earlier = self._compared(one, before, one.sealed_before, typed, bound)
        return Fits(now, earlier and before > 0)

    def subject(self, tenant: Tenant, profile_id: str, recipient: str, bound: BindTo | None) -> str:
        """What a verification is found by: who is verified, for which profile and for what."""
        said = "\0".join((tenant.account_id, tenant.mode, profile_id, recipient))
        return hashlib.blake2b(said.encode() + b"\0" + canonical(bound), digest_size=20).hexdigest()

    def body(self, said: bytes) -> bytes:
        """A body with a code in it, as an Idempotency-Key may compare it: nobody can try codes against it."""
        return mac(self._keyring.derive(_BODIES), said)

    def _code(self, one: Verification, generation: int, sealed: str | None) -> str:
        if sealed is not None:
            return self.opened(sealed, one.id)
        return self.derived(one.id, generation, one.seed, one.key_id, one.alphabet, one.length)

    def _compared(
        self, one: Verification, generation: int, sealed: str | None, typed: str, bound: BindTo | None
    ) -> bool:
        key = self._keyring.derive(_CHECKS)
        try:
            code = self._code(one, generation, sealed)
        except Unopenable:  # its secret is gone: nothing fits
            code = ""
        wanted = codes.digest(key, one.id, generation, canonical(one.bound), code)
        given = codes.digest(key, one.id, generation, canonical(bound), typed)
        return codes.same(wanted, given) and bool(code)
