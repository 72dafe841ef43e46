"""Recovery codes: ten codes for the day on which the phone is lost. Each counts once.

Rules kept here:
- a code has 80 bits, so its SHA-256 serves; it is shown once, when it is made;
- white space, dashes and case do not matter when a code is given.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from typing import Final

from onesixty.people.tables import Credential
from onesixty.people.tokens import Entropy, hash_of

COUNT: Final = 10
_BYTES: Final = 10
_GROUP: Final = 4
_LONGEST: Final = 64


def new_codes(entropy: Entropy) -> list[str]:
    """Ten codes, in groups of four characters."""
    return [_grouped(base64.b32encode(entropy(_BYTES)).decode().lower()) for _ in range(COUNT)]


def stored(code: str) -> str:
    """What is stored of a code."""
    bare = "".join(character for character in code[:_LONGEST].lower() if character.isalnum())
    return hash_of(bare)


def find(codes: Sequence[Credential], given: str) -> Credential | None:
    """The code that was given. All are compared, so that the time tells nothing."""
    wanted = stored(given)
    found = None
    for code in codes:
        if hmac.compare_digest(code.secret, wanted):
            found = code
    return found


def _grouped(code: str) -> str:
    return "-".join(code[place : place + _GROUP] for place in range(0, len(code), _GROUP))
