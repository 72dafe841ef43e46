"""The table of SMPP credentials."""

from __future__ import annotations

from typing import Final

import msgspec

from onesixty.accounts.tables import IN_STATE
from onesixty.core import ids
from onesixty.core.grant import Grant
from onesixty.core.tenant import Tenant
from onesixty.customers.profile import SmppProfile, grant_of
from onesixty.store.table import Table, Unique, text_part


class SmppCredential(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `smpp_credentials`."""

    id: str
    account_id: str
    system_id: str
    test: bool
    password_hash: str
    profile: SmppProfile
    version: int = 1
    created_at: int
    changed_at: int
    revoked_at: int | None = None
    #: When it ends, in epoch ms.
    expires_at: int | None = None
    #: The last bind, to within ten minutes, and the customer's address.
    last_bind_at: int | None = None
    last_bind_from: str | None = None
    #: The password that was replaced, which opens until `previous_expires_at`, and its last bind.
    previous_password_hash: str | None = None
    previous_expires_at: int | None = None
    previous_bind_at: int | None = None

    def ended(self, now: int) -> bool:
        """Whether its end has come, at a time in epoch ms."""
        return self.expires_at is not None and self.expires_at <= now

    def previous_opens(self, now: int) -> bool:
        """Whether the replaced password still opens, at a time in epoch ms."""
        return (
            self.previous_password_hash is not None
            and self.previous_expires_at is not None
            and now < self.previous_expires_at
        )

    @property
    def grant(self) -> Grant | None:
        """What it may send, if that is less than its account may."""
        return grant_of(self.id, self.profile)

    @property
    def tenant(self) -> Tenant:
        """The account and mode of the credential."""
        return Tenant(self.account_id, self.test)


#: The last binds of a credential have statements of their own (`smpp_credential_bound`,
#: `smpp_credential_previous_bound`).
CREDENTIALS: Final = Table(
    "smpp_credentials",
    SmppCredential,
    prefix=ids.SMPP_CREDENTIAL,
    owner=("account_id", "test"),
    fixed=("account_id", "system_id", "test", "last_bind_at", "last_bind_from"),
    conditions={"named": text_part("system_id", "named"), "state": IN_STATE},
    unique=(
        Unique(
            "smpp_credentials_system_id", ("system_id",), "This system_id is already in use.", "system_id"
        ),
    ),
    named="system_id",
    tells="SMPP credentials",
    secrets=("password_hash", "previous_password_hash"),
)
TABLES: Final = (CREDENTIALS,)
