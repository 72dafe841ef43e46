"""Commits a unit over several tables of people, and says in problems what went wrong."""

from __future__ import annotations

from onesixty.people.tables import CREDENTIALS, MEMBERSHIPS, USERS
from onesixty.store.contract import Store
from onesixty.store.rows import write
from onesixty.store.units import Unit


async def commit(store: Store, unit: Unit) -> None:
    """Commit a unit over several tables. Raises Lost if a guard lost, and Problem.

    A second identity is Lost, too: of two first sign-ins at once, one is not another user's.
    """
    await write(store, unit, (USERS, MEMBERSHIPS, CREDENTIALS))
