"""Commits a unit over several tables of people, and says in problems what went wrong."""

from __future__ import annotations

from onesixty.core.errors import Problem
from onesixty.people.tables import MEMBERSHIPS, USERS
from onesixty.store.contract import Store
from onesixty.store.rows import Lost
from onesixty.store.unanswered import one_in_time
from onesixty.store.units import Poisoned, StoreError, Unit


async def commit(store: Store, unit: Unit) -> None:
    """Commit a unit over several tables. Raises Lost if a guard lost, and Problem."""
    result = await one_in_time(store.commit([unit]))
    if result is False:
        raise Lost
    if isinstance(result, Poisoned) and result.conflict:
        for table in (USERS, MEMBERSHIPS):
            unique = table.broken(str(result))
            if unique is not None:
                raise Problem("conflict", unique.detail, param=unique.param)
        raise Lost
    if isinstance(result, StoreError):
        if result.retryable:
            raise Problem("unavailable", "The store is unavailable. Retry in a moment.", retry_after=1)
        raise result
