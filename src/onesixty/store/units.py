"""Units: writes as data, and the errors that a unit can end with.

Rules kept here:
- a unit is all or nothing: if one of its guards loses, nothing of it is written;
- two units that share a key never share a transaction, and run in the order in which they were handed in; units
  whose writes touch the same row must therefore share a key;
- inside a group, statements run in the order in which they were loaded, all rows of one statement together. So
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

    `keys` names what the unit is about (usually ids of messages). `guards` are conditional writes that must each
    affect a row (`INSERT .. ON CONFLICT (..) DO NOTHING`, `UPDATE .. WHERE version = :version`). `writes` run
    only if every guard won. A write is the name of a statement and a row with its params in order.
    """

    keys: tuple[str, ...]
    guards: tuple[Write, ...] = ()
    writes: tuple[Write, ...] = ()


class Poisoned(StoreError):
    """The data of this unit can never be written. Nothing of the unit was written.

    `conflict` is True if the reason is a unique key that exists already.
    """

    def __init__(self, detail: str, *, conflict: bool = False) -> None:
        super().__init__(detail)
        self.conflict = conflict


class Unavailable(StoreError):
    """The database cannot be written or read at the moment. Nothing of the unit was written."""

    retryable: ClassVar[bool] = True


class Damaged(StoreError):
    """The database does not hold what was committed: data is lost, cut off, replaced or broken. Nothing was
    changed, and trying again does not help. The text says what to do."""


class TooBroad(StoreError):
    """A read was interrupted because it took too long. The same read would take too long again."""


#: The result of a unit: True (on disk), False (a guard lost, nothing was written), or the error.
Result = bool | StoreError
