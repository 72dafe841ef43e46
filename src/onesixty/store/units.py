"""Units: writes as data, and the errors that a unit can end with.

Rules kept here:
- a unit is all or nothing: if one of its guards loses, nothing of it is written;
- two units that share a key never share a transaction, and run in the order in which they were handed in;
  units whose writes touch the same row must therefore share a key;
- inside a group, statements run in the order in which they were loaded, all rows of one statement together:
  no write of a unit may depend on another statement of the same unit having run before it;
- every error says whether trying again can help.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from onesixty.core.contracts import Write
from onesixty.core.errors import StoreError as StoreError  # noqa: PLC0414  (what units end with, for all who commit them)

__all__ = ["Damaged", "Poisoned", "Result", "StoreError", "TooBroad", "Unavailable", "Unit", "Write"]


class Unit(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One all-or-nothing write.

    `keys` says what it is about (ids of messages, as a rule). `guards` are conditional writes that must each
    affect a row (`INSERT .. ON CONFLICT (..) DO NOTHING`, `UPDATE .. WHERE version = :version`); `writes`
    run only if every guard won. A write is the name of a statement and a row with its params in order.
    """

    keys: tuple[str, ...]
    guards: tuple[Write, ...] = ()
    writes: tuple[Write, ...] = ()


class Poisoned(StoreError):
    """The data of this unit cannot be written, and never will be; nothing of it was written.

    `conflict` is True where the reason is that a unique key exists already.
    """

    def __init__(self, detail: str, *, conflict: bool = False) -> None:
        super().__init__(detail)
        self.conflict = conflict


class Unavailable(StoreError):
    """The database cannot be written or read at the moment; nothing of the unit was written."""

    retryable: ClassVar[bool] = True


class Damaged(StoreError):
    """The database is not what was committed: lost, cut, replaced or broken. Nothing was changed, and trying again
    does not help: the text says what does."""


class TooBroad(StoreError):
    """A read was broken off because it took too long. The same again would too."""


#: What became of a unit: True (on disk), False (a guard lost, nothing was written), or why it could not be.
Result = bool | StoreError
