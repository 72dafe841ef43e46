"""SMPP credentials: created, changed, revoked, and looked up at a bind.

Rules kept here:
- `book` holds every credential in memory, because each submit_sm needs its profile. A bind reads its credential
  from the store, and `refresh` reads changes of other nodes, so that a revocation closes binds there within
  seconds;
- a row is changed only if it is as it was read (`version`); a remembered password is valid for one version;
- the password is returned only by the call that creates it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.core.tenant import Tenant
from onesixty.customers.passwords import Busy, Passwords, generate
from onesixty.customers.profile import SmppProfile
from onesixty.customers.tables import CREDENTIALS, SmppCredential
from onesixty.store.contract import Store
from onesixty.store.rows import By, RowEffect, Rows

#: How far back a refresh reads again: the most that the clocks of nodes may differ.
SKEW_MS: Final = 60_000


class SmppCredentials:
    """The credentials of a database, as one node sees them."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        id_source: IdSource,
        entropy: Callable[[int], bytes],
        passwords: Passwords,
        effects: Sequence[RowEffect] = (),
    ) -> None:
        self._store = store
        self.rows = Rows(CREDENTIALS, store, clock, id_source, one="credential", effects=effects)
        self.rows.on_written(self._written)
        self._entropy = entropy
        self._passwords = passwords
        self._listeners: list[Callable[[SmppCredential], None]] = []
        self._looked_at = 0
        #: Every credential by id, including revoked ones.
        self.book: dict[str, SmppCredential] = {}
        self._valid: dict[str, SmppCredential] = {}

    def by_system_id(self, system_id: str) -> SmppCredential | None:
        """The valid credential of a system_id, as last read by this node."""
        return self._valid.get(system_id)

    def on_change(self, listener: Callable[[SmppCredential], None]) -> None:
        """Call `listener` with each credential that was changed or revoked, on this or another node."""
        self._listeners.append(listener)

    async def refresh(self) -> None:
        """Update the book: completely at the start, later only what has changed."""
        since = self._looked_at - SKEW_MS
        now = self.rows.now()
        for row in await self._store.fetch("smpp_credentials_since", since=since):
            self._note(CREDENTIALS.read(row))
        self._looked_at = now

    async def find(self, system_id: str) -> SmppCredential | None:
        """The valid credential of a system_id, read from the store."""
        rows = await self._store.fetch("smpp_credential_find", system_id=system_id)
        if not rows:
            return None
        return self._note(CREDENTIALS.read(rows[0]))

    async def new(
        self,
        tenant: Tenant,
        system_id: str,
        *,
        profile: SmppProfile,
        password: str | None = None,
    ) -> tuple[SmppCredential, str]:
        """A new credential and its password."""
        password = password or generate(self._entropy)
        now = self.rows.now()
        credential = SmppCredential(
            id=self.rows.new_id(),
            account_id=tenant.account_id,
            system_id=system_id,
            test=tenant.test,
            password_hash=await self._hash(password),
            profile=profile,
            created_at=now,
            changed_at=now,
        )
        return credential, password

    async def create(self, tenant: Tenant, system_id: str, **fields: Any) -> tuple[SmppCredential, str]:
        """Store a new credential with the fields of `new`; returns it with its password. Raises Problem `conflict`
        if the system_id is in use.
        """
        credential, password = await self.new(tenant, system_id, **fields)
        return await self.rows.add(credential), password

    def with_profile(self, credential: SmppCredential, profile: SmppProfile) -> SmppCredential:
        """The changed credential. Raises Problem `conflict` if it is revoked."""
        return self._changed(credential, profile=profile)

    async def change_profile(self, credential: SmppCredential, profile: SmppProfile) -> SmppCredential:
        """Replace the profile of a credential. Raises Problem `conflict`."""
        return await self.rows.change(credential, self.with_profile(credential, profile))

    async def change_password(
        self, credential: SmppCredential, password: str | None = None, by: By | None = None
    ) -> tuple[SmppCredential, str]:
        """Set a new password, and return it; the old one stops working at once."""
        password = password or generate(self._entropy)
        changed = self._changed(credential, password_hash=await self._hash(password))
        return await self.rows.change(credential, changed, by=by), password

    async def revoke(self, credential: SmppCredential, by: By | None = None) -> None:
        """Revoke a credential and close its binds. Repeating the call is fine."""
        if credential.revoked_at is None:
            changed = self._changed(credential, revoked_at=self.rows.now())
            await self.rows.change(credential, changed, by=by)

    def _changed(self, credential: SmppCredential, **fields: Any) -> SmppCredential:
        if credential.revoked_at is not None:
            raise Problem("conflict", "The SMPP credential is revoked.")
        return msgspec.structs.replace(credential, changed_at=self.rows.now(), **fields)

    async def _hash(self, password: str) -> str:
        try:
            return await self._passwords.hash(password)
        except Busy:
            raise Problem(
                "unavailable", "Too many bind requests are waiting for a password check.", retry_after=5
            ) from None

    async def _written(self, before: SmppCredential | None, after: SmppCredential | None) -> None:
        if after is not None:
            self._note(after)

    def _note(self, credential: SmppCredential) -> SmppCredential:
        """Add newer rows to the book and call the listeners."""
        known = self.book.get(credential.id)
        if known is not None and known.version >= credential.version:
            return known
        self.book[credential.id] = credential
        if credential.revoked_at is None:
            self._valid[credential.system_id] = credential
        elif self._valid.get(credential.system_id) is known:
            self._valid.pop(credential.system_id, None)
        if known is not None:
            self._passwords.forget(credential.id)
            for listener in self._listeners:
                listener(credential)
        return credential
