"""One entry of the audit log: its fields, the text that is hashed, and the values that can be taken out of it.

Rules kept here:
- an entry is hashed as one line of JSON, `hashed_text`: every field, in a fixed order. The hash of an entry covers
  that line and the hash of the entry before it;
- a personal value (a number, an email address, a name, a text, an address of the network) is not in that line. A
  digest stands there: SHA-256 over a salt of its own and the value. The value and its salt are kept beside it, and
  may go without touching the hash. Without the salt, a digest says nothing about its value;
- a secret is in neither. The log says that it was set or changed, and shows a mask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any, Final

import msgspec

#: The form of `hashed_text`. Another form gets another number, so that old entries stay verifiable.
FORM: Final = "onesixty.audit.1"
#: The key of the object that stands for a personal value in `changes`.
PERSONAL: Final = "$personal"
#: The key in `changes` of what operators alone see: its JSON is taken out like a personal value.
INTERNAL: Final = "internal"
#: The hash before the first entry of an account.
BEGINNING: Final = ""
#: Octets of a salt.
SALT: Final = 16


class Entry(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `audit_entries`. `at` is in epoch milliseconds.

    `sequence`, `previous` and `hash` are empty until the entry is chained. `address` and `reason` are digests of
    personal values. `changes` is JSON: see `recording`. `test` is None for what belongs to both modes.
    """

    id: str
    account_id: str
    at: int
    actor: str
    home: str | None
    address: str | None
    request_id: str
    action: str
    object: str
    object_id: str
    test: int | None
    reason: str | None
    changes: str
    sequence: int | None = None
    previous: str | None = None
    hash: str | None = None


class Value(msgspec.Struct, frozen=True):
    """A personal value of an entry: a row of `audit_values`."""

    entry_id: str
    digest: str
    account_id: str
    salt: str
    value: str


_COLUMNS: Final = Entry.__struct_fields__
_encode: Final = msgspec.json.Encoder().encode


def of_row(row: tuple[Any, ...]) -> Entry:
    """An entry from the columns of a statement, in the order of the fields."""
    return Entry(**dict(zip(_COLUMNS, row, strict=True)))


def hashed_text(entry: Entry, sequence: int) -> str:
    """The line that is hashed for an entry at this place of its account's chain."""
    return _encode(
        [
            FORM,
            entry.account_id,
            sequence,
            entry.id,
            entry.at,
            entry.actor,
            entry.home,
            entry.address,
            entry.request_id,
            entry.action,
            entry.object,
            entry.object_id,
            entry.test,
            entry.reason,
            entry.changes,
        ]
    ).decode()


def chain_hash(previous: str, text: str) -> str:
    """The hash of an entry: SHA-256 over the hash before it, a line feed, and its line."""
    return sha256(f"{previous}\n{text}".encode()).hexdigest()


def digest_of(salt: str, value: str) -> str:
    """The digest that stands for a personal value: SHA-256 over its salt, a line feed, and the value."""
    return sha256(f"{salt}\n{value}".encode()).hexdigest()


class Values:
    """Takes the personal values out of one entry. Equal values of an entry share a digest."""

    def __init__(self, entry_id: str, account_id: str, entropy: Callable[[int], bytes]) -> None:
        self._entry_id = entry_id
        self._account_id = account_id
        self._entropy = entropy
        self._taken: dict[str, Value] = {}

    @property
    def taken(self) -> list[Value]:
        """What was taken out."""
        return list(self._taken.values())

    def digest(self, value: str) -> str:
        """The digest that stands for a value."""
        known = self._taken.get(value)
        if known is None:
            salt = self._entropy(SALT).hex()
            known = Value(self._entry_id, digest_of(salt, value), self._account_id, salt, value)
            self._taken[value] = known
        return known.digest

    def optional(self, value: str | None) -> str | None:
        """The digest of a value that may be missing; an empty one counts as missing."""
        return self.digest(value) if value else None

    def hide(self, value: Any) -> Any:
        """The value with an object in place of each text in it."""
        if isinstance(value, str):
            return {PERSONAL: self.digest(value)} if value else value
        if isinstance(value, list | tuple):
            return [self.hide(each) for each in value]
        if isinstance(value, dict):
            return {name: self.hide(each) for name, each in value.items()}
        return value


def digests_in(entry: Entry) -> set[str]:
    """The digests of personal values that an entry contains."""
    found = {digest for digest in (entry.address, entry.reason) if digest is not None}
    return found | set(_digests(msgspec.json.decode(entry.changes)))


def _digests(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if len(value) == 1 and isinstance(value.get(PERSONAL), str):
            yield value[PERSONAL]
            return
        for each in value.values():
            yield from _digests(each)
    elif isinstance(value, list):
        for each in value:
            yield from _digests(each)


def revealed(value: Any, known: dict[str, str]) -> Any:
    """`changes` with the personal values that are still known. What was redacted is None."""
    if isinstance(value, dict):
        if len(value) == 1 and isinstance(value.get(PERSONAL), str):
            return known.get(value[PERSONAL])
        return {name: revealed(each, known) for name, each in value.items()}
    if isinstance(value, list):
        return [revealed(each, known) for each in value]
    return value
