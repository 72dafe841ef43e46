"""SMPP credentials: created, changed, revoked, and looked up at a bind.

Rules kept here:
- `book` holds every credential in memory, because each submit_sm needs its profile. A bind reads its credential
  from the store, and `refresh` reads changes of other nodes, so that a revocation closes binds there within
  seconds;
- a row is changed only if it is as it was read (`version`); a remembered password is valid for one version;
- the password is returned only by the call that creates it;
- a credential has one password, or two while it is rotated, and stays one row, as a key does (accounts/keys.py);
- the last bind is written at most every ten minutes, and nothing waits for that write.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.core.grant import Grant
from onesixty.core.ids import IdSource
from onesixty.core.tenant import Tenant
from onesixty.customers.passwords import Busy, Passwords, generate, replaced
from onesixty.customers.profile import SmppProfile
from onesixty.customers.tables import CREDENTIALS, SmppCredential
from onesixty.store.contract import Store
from onesixty.store.rows import By, RowEffect, Rows
from onesixty.store.units import Unit

#: How far back a refresh reads again: the most that the clocks of nodes may differ.
SKEW_MS: Final = 60_000
#: How often the last bind is written.
BOUND_EVERY_MS: Final = 600_000


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
        #: When this node last wrote a bind with the password, and with the replaced one.
        self._bound: dict[str, int] = {}

    def by_system_id(self, system_id: str) -> SmppCredential | None:
        """The valid credential of a system_id, as last read by this node."""
        return self._valid.get(system_id)

    def grant_of(self, credential_id: str) -> Grant | None:
        """What a credential may send, if that is less than its account may."""
        known = self.book.get(credential_id)
        return None if known is None else known.grant

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
        expires_at: int | None = None,
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
            expires_at=expires_at,
        )
        return credential, password

    async def create(self, tenant: Tenant, system_id: str, **fields: Any) -> tuple[SmppCredential, str]:
        """Store a new credential with the fields of `new`; returns it with its password. Raises Problem `conflict`
        if the system_id is in use.
        """
        credential, password = await self.new(tenant, system_id, **fields)
        return await self.rows.add(credential), password

    def with_fields(self, credential: SmppCredential, **fields: Any) -> SmppCredential:
        """The changed credential. Raises Problem `conflict` if it is revoked."""
        return self._changed(credential, **fields)

    async def change_profile(self, credential: SmppCredential, profile: SmppProfile) -> SmppCredential:
        """Replace the profile of a credential. Raises Problem `conflict`."""
        return await self.rows.change(credential, self.with_fields(credential, profile=profile))

    async def change_password(
        self,
        credential: SmppCredential,
        password: str | None = None,
        by: By | None = None,
        *,
        overlap_seconds: int = 0,
    ) -> tuple[SmppCredential, str]:
        """Set a new password, and return it; the present one opens for some more seconds, and one that was replaced
        before ends now. Raises Problem `conflict` if the credential is revoked or has ended."""
        now = self.rows.now()
        if credential.revoked_at is None and credential.ended(now):
            raise Problem("conflict", "The SMPP credential has expired. Change `expires_at` first.")
        password = password or generate(self._entropy)
        overlaps = overlap_seconds > 0
        changed = self._changed(
            credential,
            password_hash=await self._hash(password),
            previous_password_hash=credential.password_hash if overlaps else None,
            previous_expires_at=now + overlap_seconds * 1000 if overlaps else None,
            previous_bind_at=None,
        )
        return await self.rows.change(credential, changed, by=by), password

    async def revoke(self, credential: SmppCredential, by: By | None = None) -> None:
        """Revoke a credential and close its binds. Repeating the call is fine."""
        if credential.revoked_at is None:
            changed = self._changed(credential, revoked_at=self.rows.now())
            await self.rows.change(credential, changed, by=by)

    def note_bind(self, credential: SmppCredential, address: str, *, previous: bool) -> None:
        """Note a bind from an address; `previous` if it used the replaced password."""
        now, id_ = self.rows.now(), credential.id
        writes: list[Write] = []
        if self._is_due(id_, credential.last_bind_at, now):
            writes.append(("smpp_credential_bound", (id_, now, address)))
        if previous and self._is_due(replaced(id_), credential.previous_bind_at, now):
            writes.append(("smpp_credential_previous_bound", (id_, now, credential.previous_password_hash)))
        if writes:
            self._store.commit([Unit(keys=(id_,), writes=tuple(writes))])

    def _is_due(self, subject: str, written_at: int | None, now: int) -> bool:
        """Whether a bind has to be written. A time in the future is of a clock that was set back."""
        last = self._bound.get(subject, written_at)
        if last is not None and 0 <= now - last < BOUND_EVERY_MS:
            return False
        self._bound[subject] = now
        return True

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
            self._bound.pop(credential.id, None)
            self._bound.pop(replaced(credential.id), None)
            for listener in self._listeners:
                listener(credential)
        return credential
