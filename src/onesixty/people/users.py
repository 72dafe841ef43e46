"""Users and their memberships: made, found, given a role, removed.

Rules kept here:
- a user is a person with one address, who may belong to several accounts, with a role in each;
- the owners of an account are counted in a row of their own, which every change of an owner passes: so an account
  that has an owner never loses its last one, whatever two nodes do at once;
- each change of a user's memberships raises the version of the user's row, so that two of them never miss each other;
- a user whose last membership is removed is removed too, with credentials, identities,
  preferences and sessions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.http.scopes import OWNER, ROLES
from onesixty.people.committing import commit
from onesixty.people.emails import key_of
from onesixty.people.sessions import Sessions
from onesixty.people.tables import MEMBERSHIPS, USERS, Membership, User
from onesixty.store.contract import Store
from onesixty.store.rows import By, Lost, Rows
from onesixty.store.units import Unit

#: The scope of who manages the users of an account.
SCOPE: Final = "users"
#: So many of them are named.
MOST_MANAGERS: Final = 3


class Users:
    """The users of all accounts."""

    def __init__(
        self, store: Store, rows: Rows[User], memberships: Rows[Membership], sessions: Sessions
    ) -> None:
        self.rows = rows
        self.memberships = memberships
        self._store = store
        self._sessions = sessions

    # ------------------------------------------------------------ found

    async def by_email(self, email: str) -> User | None:
        """The user of an address."""
        rows = await self._store.fetch("user_by_email", email_key=key_of(email))
        return USERS.read(rows[0]) if rows else None

    async def named(self, user_ids: Sequence[str]) -> dict[str, User]:
        """Several users by id."""
        rows = await self._store.fetch("users_named", ids=list(user_ids)) if user_ids else []
        return {user.id: user for user in map(USERS.read, rows)}

    async def of_session(self, user_id: str) -> User:
        """The user of a session. Raises Problem `session_ended` if another node has just removed the user."""
        found = (await self.named([user_id])).get(user_id)
        if found is None:
            self.forget(user_id)
            raise Problem("session_ended")
        return found

    async def memberships_of(self, user_id: str) -> list[Membership]:
        """The memberships of a user, oldest first."""
        rows = await self._store.fetch("user_memberships", user_id=user_id)
        return [MEMBERSHIPS.read(row) for row in rows]

    async def membership(self, user_id: str, account_id: str) -> Membership | None:
        """The membership of a user in an account."""
        rows = await self._store.fetch("membership_of", user_id=user_id, account_id=account_id)
        return MEMBERSHIPS.read(rows[0]) if rows else None

    async def managers(self, account_id: str, but: str) -> list[tuple[str, str]]:
        """The names and roles of some who manage the users of an account, without one user; owners first."""
        roles = [role.name for role in ROLES.values() if SCOPE in role.scopes]
        rows = await self._store.fetch(
            "account_managers", account_id=account_id, roles=roles, but=but, most=MOST_MANAGERS
        )
        return [(name, role) for name, role in rows]

    async def factors(self, user_ids: Sequence[str]) -> dict[str, set[str]]:
        """The kinds of second factors that users have."""
        found: dict[str, set[str]] = {}
        rows = await self._store.fetch("factor_kinds", ids=list(user_ids)) if user_ids else []
        for user_id, kind in rows:
            found.setdefault(user_id, set()).add(kind)
        return found

    # ------------------------------------------------------------ made

    def new(self, email: str, name: str, *, confirmed: bool = False, signed_in: bool = True) -> User:
        """A new user, not yet written. `signed_in`: a session begins in the same unit."""
        now = self.rows.now()
        return User(
            id=self.rows.new_id(),
            email=email,
            email_key=key_of(email),
            name=name,
            email_confirmed=confirmed,
            last_sign_in_at=now if signed_in else None,
            created_at=now,
        )

    def new_membership(
        self, user_id: str, account_id: str, role: str, *, managed: bool = False
    ) -> Membership:
        """A new membership, not yet written."""
        return Membership(
            id=self.memberships.new_id(),
            user_id=user_id,
            account_id=account_id,
            role=role,
            managed=managed,
            created_at=self.memberships.now(),
        )

    def making(self, user: User, membership: Membership, by: By) -> list[Write]:
        """The writes that make a user with a first membership."""
        return [*self.rows.inserting(user, by=by), *self.joining(membership, by)]

    def joining(self, membership: Membership, by: By) -> list[Write]:
        """The writes that add a membership."""
        owner: list[Write] = [("owner_counted", (membership.account_id,))] if membership.role == OWNER else []
        return [*self.memberships.inserting(membership, by=by), *owner]

    @staticmethod
    def touching(user: User) -> Write:
        """The guard that a user is as it was read: what changes memberships passes it."""
        return "users_update", USERS.change(user, user)

    def forget(self, user_id: str) -> None:
        """Read the roles of a user anew with the next request of one of their sessions."""
        self._sessions.forget(user_id)

    # ------------------------------------------------------------ changed and removed

    async def give_role(
        self, membership: Membership, role: str, by: By, *, managed: bool = False
    ) -> Membership:
        """Change the role of a member. A role given by hand no longer follows from groups (`managed`). Raises Problem
        `last_owner`, or Lost."""
        if role == membership.role:
            return membership
        after = msgspec.structs.replace(
            membership, role=role, managed=membership.managed and managed, version=membership.version + 1
        )
        guard, writes = self.memberships.updating(membership, after, by=by)
        guards = [guard]
        if membership.role == OWNER:
            guards.append(("owner_uncounted", (membership.account_id,)))
        if role == OWNER:
            writes.append(("owner_counted", (membership.account_id,)))
        await self._commit(membership, guards, writes)
        return after

    async def remove(self, membership: Membership, by: By) -> None:
        """Remove a user from an account. Raises Problem `last_owner`, or Lost."""
        user = (await self.named([membership.user_id])).get(membership.user_id)
        if user is None:
            raise self.memberships.missing()
        others = [one for one in await self.memberships_of(user.id) if one.id != membership.id]
        guards, writes = self.memberships.removing(membership, by=by)
        further: list[Write] = []
        touched = self.touching(user)
        if not others:
            touched, further = self.rows.removing(user, by=by)
            further += [
                ("credentials_of_user_drop", (user.id,)),
                ("identities_of_user_drop", (user.id,)),
                ("preferences_of_user_drop", (user.id,)),
                self._sessions.ending(user.id),
            ]
        guarded = [guards, touched]
        if membership.role == OWNER:
            guarded.append(("owner_uncounted", (membership.account_id,)))
        await self._commit(membership, guarded, [*writes, *further])

    async def _commit(self, membership: Membership, guards: Sequence[Write], writes: Sequence[Write]) -> None:
        keys = (membership.id, membership.user_id, f"owners {membership.account_id}")
        try:
            await commit(self._store, Unit(keys=keys, guards=tuple(guards), writes=tuple(writes)))
        except Lost:
            if membership.role == OWNER and await self._owners(membership.account_id) <= 1:
                raise Problem("last_owner") from None
            raise
        finally:
            self._sessions.forget(membership.user_id)

    async def _owners(self, account_id: str) -> int:
        rows = await self._store.fetch("owners_count", account_id=account_id)
        return int(rows[0][0]) if rows else 0
