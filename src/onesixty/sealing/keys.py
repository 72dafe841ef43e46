"""The rows of `secret_keys`: which instance secret is in force, and which ones were.

Rules kept here:
- one row is `current`. During a rotation the key before is `old`: values may still be sealed with it. Once none is,
  it is `retired`, and only verifies signatures;
- a row proves its key: `check_value` is a value sealed with it. A node whose secret does not open it has another one;
- the public key of a signature is sealed with the key in force, so that nobody who writes to the database can add
  one.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Final, NamedTuple

from onesixty.core.contracts import Write
from onesixty.sealing.keyring import Keyring, Unopenable
from onesixty.store.contract import Store

CURRENT: Final = "current"
OLD: Final = "old"
RETIRED: Final = "retired"

_CHECK: Final = "secret_keys.check_value"
_PUBLIC: Final = "secret_keys.public_key"
_PLAIN: Final = b"onesixty"


class KeyRow(NamedTuple):
    """A row of `secret_keys`."""

    id: str
    state: str
    check_value: str
    public_key: str


async def all_keys(store: Store) -> list[KeyRow]:
    """All keys, newest first."""
    return [KeyRow(*row) for row in await store.fetch("secret_keys_all")]


def in_force(rows: Sequence[KeyRow]) -> KeyRow | None:
    """The key in force; None in a new database."""
    return next((row for row in rows if row.state == CURRENT), None)


def check_value(keyring: Keyring, key_id: str) -> str:
    """The check value of the key in force."""
    return keyring.seal(_PLAIN, _CHECK, key_id)


def proves(keyring: Keyring, row: KeyRow) -> bool:
    """Whether the keyring has the key of a row."""
    try:
        return keyring.open(row.check_value, _CHECK, row.id) == _PLAIN
    except Unopenable:
        return False


def public_value(keyring: Keyring, key_id: str, public: bytes) -> str:
    """The column `public_key` of a key."""
    return keyring.seal(base64.b64encode(public), _PUBLIC, key_id)


def public_of(keyring: Keyring, row: KeyRow) -> bytes | None:
    """The public key of a row; None if it does not open, and then nothing that it signed is verified."""
    try:
        return base64.b64decode(keyring.open(row.public_key, _PUBLIC, row.id))
    except Unopenable:
        return None


def inserting(keyring: Keyring, now: int) -> Write:
    """The write of the key in force, as the first of a database."""
    id_ = keyring.current
    public = public_value(keyring, id_, keyring.key(id_).public)
    return "secret_key_insert", (id_, CURRENT, check_value(keyring, id_), public, now)


def take_in(keyring: Keyring, rows: Sequence[KeyRow]) -> None:
    """Let the keyring seal with the key in force, and verify with all that were."""
    row = in_force(rows)
    if row is None:
        return
    keyring.current = row.id
    publics = {}
    for each in rows:
        if each.state != RETIRED:
            continue
        public = public_of(keyring, each)
        if public is not None:
            publics[each.id] = public
    keyring.remember(publics)
