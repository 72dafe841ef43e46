"""The credentials of a user: what is there, and the writes that set, use and remove them."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from onesixty.core.contracts import Write
from onesixty.people.tables import PASSKEY, PASSWORD, RECOVERY, TOTP, Credential
from onesixty.store.contract import Store
from onesixty.store.rows import By, Rows


class Held(NamedTuple):
    """What a user has."""

    password: Credential | None
    totp: Credential | None
    passkeys: list[Credential]
    recovery: list[Credential]

    @property
    def second_factor(self) -> bool:
        """Whether a password alone does not let the user in."""
        return self.totp is not None or bool(self.passkeys)

    @property
    def methods(self) -> list[str]:
        """The ways to give a second factor."""
        found = [TOTP] if self.totp is not None else []
        found += [PASSKEY] if self.passkeys else []
        return found + ([RECOVERY] if self.recovery else [])


class Credentials:
    """The credentials of all users."""

    def __init__(self, rows: Rows[Credential], store: Store) -> None:
        self.rows = rows
        self._store = store

    async def of(self, user_id: str) -> Held:
        """What a user has."""
        rows = await self._store.fetch("user_credentials", user_id=user_id)
        found = [self.rows.opened(row) for row in rows]

        def one(kind: str) -> Credential | None:
            return next((credential for credential in found if credential.kind == kind), None)

        return Held(
            one(PASSWORD),
            one(TOTP),
            [credential for credential in found if credential.kind == PASSKEY],
            [credential for credential in found if credential.kind == RECOVERY],
        )

    async def passkey(self, handle: str) -> Credential | None:
        """The passkey of this id."""
        rows = await self._store.fetch("credential_by_handle", handle=handle)
        return self.rows.opened(rows[0]) if rows else None

    def new(self, user_id: str, kind: str, secret: str, **fields: object) -> Credential:
        """A new credential, not yet written."""
        return Credential(
            id=self.rows.new_id(),
            user_id=user_id,
            kind=kind,
            secret=secret,
            created_at=self.rows.now(),
            **fields,  # type: ignore[arg-type]  # the other fields of the struct
        )

    def setting_password(
        self, user_id: str, hashed: str, before: Credential | None, by: By | None
    ) -> tuple[list[Write], list[Write]]:
        """The guards and writes that give a user a password, in place of the one before."""
        if before is None:
            return [], self.rows.inserting(self.new(user_id, PASSWORD, hashed), by=by)
        after = msgspec.structs.replace(before, secret=hashed)
        guard, writes = self.rows.updating(before, after, by=by)
        return [guard], writes

    def using(self, credential: Credential, counter: int) -> Write:
        """The guard that uses a time step of TOTP, or a passkey at its count of signatures."""
        statement = "credential_used_up_to" if credential.kind == TOTP else "credential_counted"
        return statement, (credential.id, counter, self.rows.now())

    def dropping(self, user_id: str, kind: str) -> Write:
        """The write that removes what a user has of a kind."""
        return "credentials_of_kind_drop", (user_id, kind)
