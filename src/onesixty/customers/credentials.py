"""What SMPP customers bind with: made, changed, revoked, and found at a bind.

Rules kept here:
- `book` has every credential in memory, since each submit_sm asks for its profile; a bind looks its own up in the
  store, and `refresh` brings what another node changed, so that a revocation ends binds there within seconds;
- a row is changed only as it was read (`version`); what was remembered of a password goes with the version;
- the password is in the answer that made it, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from onesixty.core import ids, times
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.customers import profile as smpp_profile
from onesixty.customers.passwords import Busy, Passwords, generate
from onesixty.customers.profile import SmppProfile
from onesixty.http.paging import cut
from onesixty.store.contract import Store
from onesixty.store.units import Poisoned, StoreError, Unit

#: How far back a refresh looks again: what nodes' clocks may differ by.
SKEW_MS: Final = 60_000
#: Sorts after every id.
_LAST: Final = "~"


class SmppCredential(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `smpp_credentials`."""

    id: str
    account_id: str
    system_id: str
    test: bool
    password_hash: str
    profile: SmppProfile
    version: int
    created_at: int
    changed_at: int
    revoked_at: int | None = None

    def view(self) -> dict[str, Any]:
        """The credential as the API shows it: everything but the password."""
        return {
            "id": self.id,
            "account_id": self.account_id,
            "system_id": self.system_id,
            "mode": "test" if self.test else "live",
            "profile": smpp_profile.profile_view(self.profile),
            "created_at": times.to_text(self.created_at),
            "changed_at": times.to_text(self.changed_at),
            "revoked_at": None if self.revoked_at is None else times.to_text(self.revoked_at),
        }


class SmppCredentials:
    """The credentials of a database, as one node sees them."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        id_source: IdSource,
        entropy: Callable[[int], bytes],
        passwords: Passwords,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = id_source
        self._entropy = entropy
        self._passwords = passwords
        self._listeners: list[Callable[[SmppCredential], None]] = []
        self._looked_at = 0
        #: Every credential by id, revoked ones too.
        self.book: dict[str, SmppCredential] = {}
        self._valid: dict[str, SmppCredential] = {}

    def by_system_id(self, system_id: str) -> SmppCredential | None:
        """The valid credential of a system_id, as this node last saw it."""
        return self._valid.get(system_id)

    def on_change(self, listener: Callable[[SmppCredential], None]) -> None:
        """Call `listener` with each credential that was changed or revoked, here or on another node."""
        self._listeners.append(listener)

    async def refresh(self) -> None:
        """Bring the book up to date: all of it at the start, what changed later."""
        since = self._looked_at - SKEW_MS
        now = self._clock.now_ms()
        for row in await self._store.fetch("smpp_credentials_since", since=since):
            self._note(_of_row(row))
        self._looked_at = now

    async def find(self, system_id: str) -> SmppCredential | None:
        """The valid credential of a system_id, as the store has it."""
        rows = await self._store.fetch("smpp_credential_find", system_id=system_id)
        if not rows:
            return None
        return self._note(_of_row(rows[0]))

    async def get(self, account_id: str | None, credential_id: str, *, only_test: bool) -> SmppCredential:
        """One credential of an account, or of any. Raises Problem `not_found`."""
        rows = await self._store.fetch("smpp_credential_get", id=credential_id)
        if not rows:
            raise Problem("not_found", "There is no such credential.")
        credential = self._note(_of_row(rows[0]))
        if account_id not in (None, credential.account_id) or (only_test and not credential.test):
            raise Problem("not_found", "There is no such credential.")
        return credential

    async def list(
        self, account_id: str, *, only_test: bool, limit: int, after: str | None
    ) -> tuple[Sequence[SmppCredential], str | None]:
        """A page of an account's credentials, revoked ones too."""
        rows = await self._store.fetch(
            "smpp_credential_list",
            account_id=account_id,
            after=after or _LAST,
            only_test=int(only_test),
            most=limit + 1,
        )
        return cut([_of_row(row) for row in rows], limit, lambda credential: credential.id)

    async def create(
        self,
        account_id: str,
        system_id: str,
        *,
        test: bool,
        profile: SmppProfile,
        password: str | None = None,
    ) -> tuple[SmppCredential, str]:
        """A new credential, on disk, and its password. Raises Problem `conflict` for a system_id in use."""
        password = password or generate(self._entropy)
        now = self._clock.now_ms()
        credential = SmppCredential(
            id=self._ids.new(ids.SMPP_CREDENTIAL),
            account_id=account_id,
            system_id=system_id,
            test=test,
            password_hash=await self._hash(password),
            profile=profile,
            version=1,
            created_at=now,
            changed_at=now,
        )
        row = (
            credential.id,
            account_id,
            system_id,
            int(test),
            credential.password_hash,
            smpp_profile.profile_json(profile),
            1,
            now,
            now,
        )
        result = (
            await self._store.commit([Unit(keys=(credential.id,), writes=(("smpp_credential_insert", row),))])
        )[0]
        if isinstance(result, Poisoned) and result.conflict:
            raise Problem("conflict", "This system_id is in use.", param="system_id")
        if isinstance(result, StoreError):
            raise result
        self._note(credential)
        return credential, password

    async def change_profile(self, credential: SmppCredential, profile: SmppProfile) -> SmppCredential:
        """The credential with this profile. Raises Problem `conflict`."""
        return await self._change(credential, profile=profile)

    async def change_password(
        self, credential: SmppCredential, password: str | None = None
    ) -> tuple[SmppCredential, str]:
        """The credential with a new password, and that; the old one opens nothing from here on."""
        password = password or generate(self._entropy)
        return await self._change(credential, password_hash=await self._hash(password)), password

    async def revoke(self, credential: SmppCredential) -> None:
        """From now on it opens nothing, and its binds end. Once more is fine."""
        if credential.revoked_at is None:
            await self._change(credential, revoked_at=self._clock.now_ms())

    async def _hash(self, password: str) -> str:
        try:
            return await self._passwords.hash(password)
        except Busy:
            raise Problem("unavailable", "Too many passwords wait to be hashed.", retry_after=5) from None

    async def _change(
        self,
        credential: SmppCredential,
        *,
        profile: SmppProfile | None = None,
        password_hash: str | None = None,
        revoked_at: int | None = None,
    ) -> SmppCredential:
        if credential.revoked_at is not None:
            raise Problem("conflict", "The credential is revoked.")
        changed = msgspec.structs.replace(
            credential,
            profile=credential.profile if profile is None else profile,
            password_hash=password_hash or credential.password_hash,
            revoked_at=revoked_at,
            version=credential.version + 1,
            changed_at=self._clock.now_ms(),
        )
        row = (
            credential.id,
            credential.version,
            changed.password_hash,
            smpp_profile.profile_json(changed.profile),
            changed.changed_at,
            revoked_at,
        )
        unit = Unit(keys=(credential.id,), guards=(("smpp_credential_change", row),))
        result = (await self._store.commit([unit]))[0]
        if result is False:
            raise Problem("conflict", "Somebody else changed it meanwhile: read it again.")
        if isinstance(result, StoreError):
            raise result
        return self._note(changed)

    def _note(self, credential: SmppCredential) -> SmppCredential:
        """Put what is newer into the book and tell who has to know."""
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


def _of_row(row: tuple[Any, ...]) -> SmppCredential:
    return SmppCredential(
        id=row[0],
        account_id=row[1],
        system_id=row[2],
        test=bool(row[3]),
        password_hash=row[4],
        profile=smpp_profile.from_json(row[5]),
        version=row[6],
        created_at=row[7],
        changed_at=row[8],
        revoked_at=row[9],
    )
