"""Invitations: how further users come to an account.

Rules kept here:
- an inviter gives only a role whose scopes they have (`http.scopes.check_gives_role`);
- the link counts once, and ends after 72 hours; a new link ends the one before. It is sent by mail if there is a mail
  server, and shown to the inviter if there is none;
- a new user chooses a name and a password. A user who exists has to be signed in: an invitation never changes or
  opens what an existing user has;
- an address counts as confirmed only if the link went there by mail.
"""

from __future__ import annotations

from typing import Final

import msgspec

from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.people.committing import commit
from onesixty.people.credentials import Credentials
from onesixty.people.emails import key_of
from onesixty.people.passwords import Passwords
from onesixty.people.passwords import check as check_password
from onesixty.people.sign_in import SignedIn, SignIn, Visit
from onesixty.people.tables import INVITATION, INVITATIONS, PASSWORD, Invitation, User
from onesixty.people.tokens import LONGEST, Entropy, hash_of, new_token
from onesixty.people.users import Users
from onesixty.store.contract import Store
from onesixty.store.rows import By, Lost, Rows
from onesixty.store.units import Unit

LIFE_MS: Final = 72 * 3_600_000


class Invitations:
    """The invitations of all accounts."""

    def __init__(
        self,
        *,
        rows: Rows[Invitation],
        store: Store,
        clock: Clock,
        entropy: Entropy,
        users: Users,
        credentials: Credentials,
        passwords: Passwords,
        sign_in: SignIn,
    ) -> None:
        self.rows = rows
        self._store = store
        self._clock = clock
        self._entropy = entropy
        self._users = users
        self._credentials = credentials
        self._passwords = passwords
        self._sign_in = sign_in

    async def new(
        self, account_id: str, email: str, role: str, invited_by: str, *, mailed: bool
    ) -> tuple[Invitation, str]:
        """A new invitation, not yet written, and its token. Raises Problem `conflict`."""
        now, user = self._clock.now_ms(), await self._users.by_email(email)
        if user is not None and await self._users.membership(user.id, account_id) is not None:
            raise Problem("conflict", "This user is a member of the account.", param="email")
        key = key_of(email)
        if await self._store.fetch("invitation_open", account_id=account_id, email_key=key, now=now):
            raise Problem(
                "conflict",
                "An invitation of this address is open. Renew it, or revoke it first.",
                param="email",
            )
        token = new_token(self._entropy)
        invitation = Invitation(
            id=self.rows.new_id(),
            account_id=account_id,
            email=email,
            email_key=key,
            role=role,
            hash=hash_of(token),
            invited_by=invited_by,
            mailed=mailed,
            expires_at=now + LIFE_MS,
            created_at=now,
        )
        return invitation, token

    def renewed(self, invitation: Invitation, *, mailed: bool) -> tuple[Invitation, str]:
        """The invitation with a new link and a new end, not yet written. Raises Problem `invitation_used`."""
        if invitation.accepted_at is not None:
            raise Problem("invitation_used")
        token = new_token(self._entropy)
        after = msgspec.structs.replace(
            invitation, hash=hash_of(token), expires_at=self._clock.now_ms() + LIFE_MS, mailed=mailed
        )
        return after, token

    async def find(self, token: str) -> Invitation:
        """The open invitation of a token. Raises Problem `invitation_gone` or `invitation_used`."""
        return await self.find_hashed(hash_of(token[:LONGEST]))

    async def find_hashed(self, token_hash: str) -> Invitation:
        """The open invitation of a token, by the token's hash. Raises Problem as `find`."""
        rows = await self._store.fetch("invitation_find", hash=token_hash)
        invitation = INVITATIONS.read(rows[0]) if rows else None
        if invitation is None:
            raise Problem("invitation_gone")
        if invitation.accepted_at is not None:
            raise Problem("invitation_used")
        if invitation.expires_at <= self._clock.now_ms():
            raise Problem("invitation_gone", "The invitation has ended. Ask for a new one.")
        return invitation

    async def accept_as_new(self, token: str, name: str, password: str, visit: Visit) -> SignedIn:
        """Make the invited user, who is signed in by it. Raises Problem."""
        invitation = await self.find(token)
        if await self._users.by_email(invitation.email) is not None:
            raise Problem("sign_in_first")
        hashed = await self._passwords.hash(check_password(password, invitation.email))
        user = self._users.new(invitation.email, name, confirmed=invitation.mailed)
        membership = self._users.new_membership(user.id, invitation.account_id, invitation.role)
        by = self._sign_in.by(user.id, invitation.account_id, visit)
        guard, writes = self.accepting(invitation, user, by)
        credential = self._credentials.new(user.id, PASSWORD, hashed)
        try:
            return await self._sign_in.begin(
                user,
                INVITATION,
                visit,
                guards=(guard,),
                writes=(
                    *writes,
                    *self._users.making(user, membership, by),
                    *self._credentials.rows.inserting(credential, by=by),
                ),
                memberships=[membership],
            )
        except Lost:
            raise Problem("invitation_used") from None

    async def accept_as(self, token: str, user_id: str, by: By) -> Invitation:
        """Add the membership to the user, who is signed in. Raises Problem."""
        invitation = await self.find(token)
        user = await self._users.by_email(invitation.email)
        if user is None or user.id != user_id:
            raise Problem("sign_in_first", "The invitation is for another user. Sign in as that user.")
        membership = self._users.new_membership(user.id, invitation.account_id, invitation.role)
        by = by._replace(account_id=invitation.account_id)
        guard, writes = self.accepting(invitation, user, by)
        unit = Unit(
            keys=(invitation.id, user.id),
            guards=(guard, self._users.touching(user)),
            writes=(*writes, *self._users.joining(membership, by)),
        )
        try:
            await commit(self._store, unit)
        except Lost:
            raise Problem("invitation_used") from None
        self._users.forget(user.id)
        return invitation

    def accepting(self, invitation: Invitation, user: User, by: By) -> tuple[Write, list[Write]]:
        """The guard that accepts an invitation, and the writes of its effects."""
        after = msgspec.structs.replace(invitation, accepted_at=self._clock.now_ms(), user_id=user.id)
        return self.rows.updating(invitation, after, by=by)
