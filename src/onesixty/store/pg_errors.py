"""Classifies errors of PostgreSQL: bad data, a server that cannot write now, or a conflict to try again."""

from __future__ import annotations

from typing import Final

import asyncpg

from onesixty.store.units import Poisoned, Unavailable

#: Raised if a connection is lost, refused or silent. TimeoutError is an OSError.
CONNECTION_ERRORS: Final = (OSError, asyncpg.InternalClientError)

#: Everything that running a statement can raise.
STATEMENT_ERRORS: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    ValueError,
    TypeError,
    OverflowError,
    *CONNECTION_ERRORS,
)

#: Classes of SQLSTATE (PostgreSQL, appendix A) that are about the data or the statement: cardinality, data
#: exception, integrity, syntax or access rule, check option.
_DATA_CLASSES: Final = frozenset({"21", "22", "23", "42", "44"})

_UNIQUE_VIOLATION: Final = "23505"
_INSUFFICIENT_PRIVILEGE: Final = "42501"
_AGAIN: Final = frozenset({"40001", "40P01"})
_LOCK_NOT_AVAILABLE: Final = "55P03"

#: SQLSTATEs of sessions that the server ended: class 08 is the connection, 57P01 and 57P02 a shutdown and a
#: crash, 25P03 a session that was idle in a transaction for too long.
_ENDED: Final = frozenset({"57P01", "57P02", "25P03"})

#: Classes that waiting does not cure: bad credentials, no such database.
_REFUSED_CLASSES: Final = frozenset({"28", "3D"})


def classified(error: BaseException) -> Poisoned | Unavailable:
    """Turn an error into the result of the unit that caused it. The text never holds data."""
    code = getattr(error, "sqlstate", None)
    if code is not None:
        text = f"{code}: {error.args[0] if error.args else type(error).__name__}"
        if code[:2] in _DATA_CLASSES and code != _INSUFFICIENT_PRIVILEGE:
            if code[:2] == "22":  # the server's text repeats the value
                text = f"{code}: {type(error).__name__}"
            return Poisoned(text, conflict=code == _UNIQUE_VIOLATION)
        return Unavailable(text)
    if isinstance(error, CONNECTION_ERRORS):
        return Unavailable(f"PostgreSQL does not answer: {type(error).__name__}")
    if isinstance(error, asyncpg.InterfaceError) and not isinstance(error, ValueError):
        return Unavailable(f"PostgreSQL does not answer: {type(error).__name__}")
    return Poisoned(f"{type(error).__name__}: the data does not fit the statement")


def happens_again(error: BaseException) -> bool:
    """Whether the same transaction can simply run again: a deadlock, or a failure to serialize."""
    return getattr(error, "sqlstate", None) in _AGAIN


def is_of_a_lock(error: BaseException) -> bool:
    """Whether another session held a row or a table for too long. It says nothing about other rows."""
    return getattr(error, "sqlstate", None) == _LOCK_NOT_AVAILABLE


def is_broken(error: BaseException) -> bool:
    """Whether the connection had ended. It says nothing about a new connection."""
    code = getattr(error, "sqlstate", None)
    if code is not None:
        return code in _ENDED or code[:2] == "08"
    # InternalClientError: the connection ended before the statement was sent. A ValueError is about the data.
    lost = isinstance(error, OSError | asyncpg.InternalClientError | asyncpg.InterfaceError)
    return lost and not isinstance(error, TimeoutError | ConnectionRefusedError | ValueError)


def is_certain(error: BaseException) -> bool:
    """Whether this error of a COMMIT proves that nothing was committed."""
    code = getattr(error, "sqlstate", None)
    return code is not None and code[:2] in ("23", "40")


def is_refusal(error: BaseException) -> bool:
    """Whether connecting will fail again in the same way, however long the client waits."""
    code = getattr(error, "sqlstate", None)
    return code is not None and code[:2] in _REFUSED_CLASSES
